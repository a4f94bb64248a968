//! Runs the local service until its standard input ends, for trying the uploader by hand:
//! `cargo run -p metricsheet-local-service --example serve`.

use std::io::{Read, Write};

use metricsheet_local_service::{Service, Settings};

fn main() -> std::io::Result<()> {
    let service = Service::start(Settings::of_the_guide())?;
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
