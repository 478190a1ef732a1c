use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder for SoftHSM's tokens. It is a library and no server: there is nothing to start.
#[derive(Debug)]
pub(super) struct SoftHsm {
    module: PathBuf,
    configuration: PathBuf,
}

impl SoftHsm {
    pub(super) fn prepare(folder: &Path) -> io::Result<Self> {
        let module = module().ok_or_else(|| io::Error::other("softhsm2 is not installed"))?;
        let (tokens, configuration) = (folder.join("softhsm-tokens"), folder.join("softhsm2.conf"));
        fs::create_dir(&tokens)?;
        let text =
            format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
        fs::write(&configuration, text)?;
        Ok(Self { module, configuration })
    }

    /// Where a program that loads the module finds it, and where the module finds its tokens.
    pub(super) fn environment(&self) -> [(&'static str, String); 2] {
        let text = |path: &Path| path.display().to_string();
        [("REMINT_E2E_PKCS11", text(&self.module)), ("SOFTHSM2_CONF", text(&self.configuration))]
    }
}

/// Where the module is, if it is installed.
pub(super) fn module() -> Option<PathBuf> {
    let folders = ["/usr/lib/softhsm", "/usr/local/lib/softhsm", "/usr/lib64/softhsm", "/opt/homebrew/lib/softhsm"];
    folders.map(|folder| Path::new(folder).join("libsofthsm2.so")).into_iter().find(|file| file.is_file())
}
