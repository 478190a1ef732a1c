//! An environment of Python with the packages of the site.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::process::run;

/// The Python of an environment beside this program, made at the first start.
pub(crate) fn environment() -> Outcome<PathBuf> {
    let program = std::env::current_exe()?;
    let environment = program.parent().ok_or("this program is in no folder")?.join("django-celery-venv");
    let python = environment.join("bin/python");
    if !python.exists() {
        run("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    run("pip install", pip.arg(site().join("requirements.txt")))?;
    Ok(python)
}

/// The folder of the site.
pub(crate) fn site() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("site")
}
