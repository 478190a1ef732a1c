use clap::{Args, Subcommand};

/// What an operator does with the keys that sign.
#[derive(Debug, Subcommand)]
pub(crate) enum SigningKeysCommand {
    /// Lists the keys that are published, and what each does.
    List(Output),
    /// Makes the next key: it is published at once, and signs when every service knows it.
    Rotate(Output),
    /// Removes a compromised key, now, with all that it has signed.
    Retire(RetireArgs),
}

#[derive(Debug, Args)]
pub(crate) struct Output {
    /// One JSON document, for programs.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RetireArgs {
    /// The key's id, as `list` shows it.
    #[arg(value_name = "KEY_ID", allow_hyphen_values = true)]
    pub(super) id: String,

    /// Does it. Without, what would end is told.
    #[arg(long)]
    pub(super) yes: bool,

    #[command(flatten)]
    pub(super) output: Output,
}
