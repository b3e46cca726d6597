//! A bar while files are read: on stderr, on a terminal only, and not before a second.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::context::Context;
use super::flags::Progress;

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts the bytes of files that were read.
#[derive(Debug)]
pub struct Meter {
    whole: u64,
    read: AtomicU64,
    began: Instant,
    is_shown: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Meter {
    /// Starts for these files.
    #[must_use]
    pub fn new(context: &Context, paths: &[PathBuf]) -> Self {
        let sizes = paths.iter().filter_map(|path| std::fs::metadata(path).ok());
        let whole = sizes.fold(0_u64, |sum, found| sum.saturating_add(found.len()));
        let is_shown = context.flags.progress == Progress::Auto
            && !context.flags.quiet
            && std::io::stderr().is_terminal();
        let (read, bar) = (AtomicU64::new(0), Mutex::new(None));
        Self { whole, read, began: Instant::now(), is_shown, bar }
    }

    /// Notes that so many more bytes were read.
    pub fn add(&self, bytes: u64) {
        let read = self.read.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if !self.is_shown || self.began.elapsed() < PATIENCE {
            return;
        }
        if let Ok(mut bar) = self.bar.lock() {
            bar.get_or_insert_with(|| started(self.whole)).set_position(read);
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Ok(bar) = self.bar.get_mut()
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }
}

fn started(whole: u64) -> ProgressBar {
    let bar = ProgressBar::new(whole);
    let shape = "reading {bar:30} {bytes} of {total_bytes}, {percent} %";
    if let Ok(style) = ProgressStyle::with_template(shape) {
        bar.set_style(style);
    }
    bar
}
