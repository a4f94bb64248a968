//! Runs the local service until its standard input ends, for trying the uploader by hand:
//! `cargo run -p metricsheet-local-service --example serve`.

use std::io::{Read, Write};

use metricsheet_local_service::{Service, Settings};

fn main() -> std::io::Result<()> {
    let items = [
        r#"{"sequenceId":1,"name":"Occupied beds","externalId":"BEDS","unit":"%"}"#,
        r#"{"sequenceId":2,"name":"Staff","externalId":"STAFF","unit":"Number"}"#,
        r#"{"sequenceId":3,"name":"Facilities"}"#,
    ];
    let plans = [("hospital".to_owned(), items.map(str::to_owned).to_vec())].into();
    let service = Service::start(Settings { plans, ..Settings::default() })?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "export BASE_URL={}", service.base_url())?;
    writeln!(out, "export ACHIEVEIT_API_KEY={}", service.key())?;
    out.flush()?;
    std::io::stdin().lock().read_to_end(&mut Vec::new())?;
    for seen in service.seen() {
        writeln!(out, "{} {} ({} bytes)", seen.method, seen.path, seen.body.len())?;
    }
    Ok(())
}
