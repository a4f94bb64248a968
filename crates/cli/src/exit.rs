//! Exit statuses, the one thing a script always reads.

use std::process::ExitCode;

/// What the process tells its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// 0: clean, all fixed, or processed by the service.
    Clean,
    /// 1: findings remain, rows were rejected, or the service refused the file.
    Findings,
    /// 2: wrong usage, unreadable input, or a failed write.
    Unusable,
    /// 3: the service refused the key.
    KeyRefused,
    /// 4: not sent, or sent with an unknown result; trying again may help.
    NotSent,
    /// 5: still in process when the time ran out.
    InProcess,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Clean => 0,
            ExitStatus::Findings => 1,
            ExitStatus::Unusable => 2,
            ExitStatus::KeyRefused => 3,
            ExitStatus::NotSent => 4,
            ExitStatus::InProcess => 5_u8,
        })
    }
}
