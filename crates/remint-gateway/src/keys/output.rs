use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Output {
    /// One JSON document, for programs.
    #[arg(long)]
    pub(crate) json: bool,
}
