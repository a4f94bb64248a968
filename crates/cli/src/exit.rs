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

impl ExitStatus {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Unusable => 2,
            Self::KeyRefused => 3,
            Self::NotSent => 4,
            Self::InProcess => 5,
        }
    }

    /// The one to end with when several files were sent: the worst, in the order 2, 3, 4, 1, 5, 0.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        let weight = |status| match status {
            Self::Unusable => 5,
            Self::KeyRefused => 4,
            Self::NotSent => 3,
            Self::Findings => 2,
            Self::InProcess => 1,
            Self::Clean => 0,
        };
        if weight(other) > weight(self) { other } else { self }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
