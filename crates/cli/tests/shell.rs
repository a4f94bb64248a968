//! What shells and manual readers get: completions and manual pages, complete and sound.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::process::{Command, Output, Stdio};

const COMMANDS: [&str; 11] = [
    "check",
    "convert",
    "inspect",
    "init",
    "rule",
    "config",
    "upload",
    "status",
    "plan",
    "completions",
    "man",
];

fn metricsheet(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> (Output, String) {
    let output = metricsheet(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    (output, text)
}

/// The long flags in a help text.
fn flags(help: &str) -> Vec<&str> {
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let words = lines.flat_map(|line| line.split([' ', ',', '=']));
    words.filter_map(|word| word.strip_prefix("--")).map(|flag| flag.trim_end_matches('.')).collect()
}

#[test]
fn every_shell_gets_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (output, script) = run(&["completions", shell]);
        assert!(output.status.success(), "{shell}: {output:?}");
        for word in COMMANDS.into_iter().chain(["output-format", "resubmit", "pull"]) {
            assert!(script.contains(word), "{shell} lacks `{word}`");
        }
    }
    let (output, _) = run(&["completions", "tcsh"]);
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn bash_takes_its_script_and_completes_with_it() {
    let (_, script) = run(&["completions", "bash"]);
    let ask = "COMP_WORDS=(metricsheet upl); COMP_CWORD=1; _metricsheet metricsheet upl metricsheet; echo \"${COMPREPLY[@]}\"";
    let bash = Command::new("bash").args(["--norc", "-c", &format!("{script}\n{ask}")]).output();
    // A machine without bash has nothing to show here.
    let Ok(output) = bash else { return };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "upload", "{output:?}");
}

#[test]
fn every_command_has_a_manual_page_with_its_flags() {
    let (_, program) = run(&["man"]);
    assert!(program.contains(".TH metricsheet 1"), "{program}");
    for command in COMMANDS {
        assert!(program.contains(command), "the program's page lacks `{command}`");
    }
    for words in [&["check"][..], &["convert"], &["upload"], &["status"], &["plan"], &["plan", "pull"]] {
        let (output, page) = run(&[&["man"], words].concat());
        assert!(output.status.success(), "{words:?}: {output:?}");
        assert!(page.contains(&format!("metricsheet\\-{}", words.join("\\-"))), "{words:?}: {page}");
        let (_, help) = run(&[words, &["--help"]].concat());
        let flags = flags(&help);
        assert!(!flags.is_empty(), "{words:?}");
        for flag in flags {
            assert!(page.contains(&flag.replace('-', "\\-")), "{words:?} lacks `--{flag}`");
        }
    }
    for (words, says) in [
        (&["man", "uplaod"][..], "there is no command `uplaod`"),
        (&["man", "rule", "x"], "`rule` has no commands"),
    ] {
        let (output, _) = run(words);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{output:?}");
    }
}

#[test]
fn packagers_get_all_pages_as_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let (output, _) = run(&["man", "--output", path]);
    assert!(output.status.success(), "{output:?}");
    let mut names: Vec<String> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in ["metricsheet.1", "metricsheet-check.1", "metricsheet-plan-pull.1", "metricsheet-upload.1"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
    let (output, _) = run(&["man", "--output", "/nonexistent/pages"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    for arguments in [&["completions", "zsh"][..], &["man", "upload"]] {
        let mut child = metricsheet(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
}
