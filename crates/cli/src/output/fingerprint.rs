//! What makes a finding the same finding in the next run: its rule, its file, the row's External ID, its
//! column and the cell's text. Line numbers are left out, so that rows may move.

use std::collections::HashMap;

use super::Diagnostic;

/// Gives each finding of a run a fingerprint of its own.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: HashMap<String, usize>,
}

impl Fingerprints {
    /// 64 hexadecimal digits. Findings that are alike are told apart by their order.
    pub(super) fn of(&mut self, file: &str, diagnostic: &Diagnostic) -> String {
        let finding = &diagnostic.finding;
        let parts = [
            finding.rule.code,
            file,
            finding.external_id.as_deref().unwrap_or_default(),
            diagnostic.label.as_deref().unwrap_or_default(),
            &finding.text,
        ];
        // The lengths keep two different lists of parts from becoming the same text.
        let key = parts.map(|part| format!("{}:{part}", part.len())).join(",");
        let before = self.seen.entry(key.clone()).or_default();
        let fingerprint = metricsheet_upload::sha256(format!("{key}#{before}").as_bytes());
        *before += 1;
        fingerprint
    }
}
