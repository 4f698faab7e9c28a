//! Work that takes the processor, the disk or the chip, on a thread that may block.

use std::any::Any;
use tokio::task::JoinHandle;

type Done = Box<dyn Any + Send>;

/// The work has panicked, or the runtime has ended.
#[derive(Debug)]
pub(crate) struct Lost;

/// Runs work where it may block and waits for what it gives. Dropping the returned future does not end the work.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Lost> {
    let done = spawn(Box::new(|| Box::new(work()))).await;
    let value = done.map_err(|_| Lost)?.downcast();
    value.map(|value| *value).map_err(|_| Lost)
}

/// Takes boxed work, so that tokio's task is compiled once and not for each piece of work: 0.2 MB of the phone's library.
fn spawn(work: Box<dyn FnOnce() -> Done + Send>) -> JoinHandle<Done> {
    tokio::task::spawn_blocking(work)
}
