//! Where calls run: two threads of this library, so that nothing of the core runs on the caller's thread between two awaits.

use crate::error::KapokError;
use kapok_core::{AppError, ErrorCode};
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

const WORKERS: usize = 2;

/// The one runtime of the process. It lives as long as the process: a runtime must not be dropped on its own threads, and a shell
/// decides where its last reference goes.
pub(crate) fn runtime() -> Result<&'static Runtime, KapokError> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let build = || {
        Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("kapok")
            .enable_all()
            .on_thread_park(kapok_core::wipe_stack)
            .build()
            .ok()
    };
    RUNTIME
        .get_or_init(build)
        .as_ref()
        .ok_or_else(|| KapokError::internal("runtime"))
}

/// Runs an act on the runtime. Dropping the returned future ends the act at its next await; a panic in it is `INTERNAL`.
pub(crate) async fn run<H, T, F>(handle: H, act: impl FnOnce(H) -> F) -> Result<T, KapokError>
where
    F: Future<Output = Result<T, AppError>> + Send + 'static,
    T: Send + 'static,
{
    let act = act(handle);
    let done = spawn(Box::pin(async { Ok(Box::new(act.await?) as Value) }))?.await;
    let value = done.map_err(|_| KapokError::internal("panic"))??.downcast();
    value
        .map(|value| *value)
        .map_err(|_| KapokError::internal("result"))
}

/// What an act gives, and the act, with their types erased: tokio's task is compiled once and not for each call.
type Value = Box<dyn Any + Send>;
type Act = Pin<Box<dyn Future<Output = Result<Value, AppError>> + Send>>;

fn spawn(act: Act) -> Result<Abort<Result<Value, AppError>>, KapokError> {
    Ok(Abort(runtime()?.spawn(act)))
}

/// As [`run`], for acts that wait for long: a token ends it with `USER_CANCELLED`. What had come already is not lost.
pub(crate) async fn run_until<H, T, F>(
    cancel: Option<Arc<CancelToken>>,
    handle: H,
    act: impl FnOnce(H) -> F,
) -> Result<T, KapokError>
where
    F: Future<Output = Result<T, AppError>> + Send + 'static,
    T: Send + 'static,
{
    let act = act(handle);
    run(cancel, |cancel| async move {
        let Some(cancel) = cancel else {
            return act.await;
        };
        tokio::select! {
            done = act => done,
            () = cancel.0.cancelled() => Err(ErrorCode::UserCancelled.into()),
        }
    })
    .await
}

/// Ends calls that wait. One token may be given to many calls; once cancelled it stays so.
#[derive(uniffi::Object, Default)]
pub struct CancelToken(CancellationToken);

#[uniffi::export]
impl CancelToken {
    /// A token that is not cancelled.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Every call that waits with this token ends in `USER_CANCELLED`.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// A task that ends when nobody waits for it any more.
struct Abort<T>(JoinHandle<T>);

impl<T> Future for Abort<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::sync::oneshot;

    fn code<T>(result: Result<T, KapokError>) -> Option<String> {
        result.err().map(|KapokError::Failed { code, .. }| code)
    }

    #[test]
    fn acts_run_on_our_threads() {
        let name = |()| async { Ok(std::thread::current().name().map(str::to_owned)) };
        let name = wait_for(run((), name)).unwrap();
        assert_eq!(name.as_deref(), Some("kapok"));
    }

    #[test]
    fn dropping_a_call_ends_its_act() {
        let (held, ended) = oneshot::channel::<()>();
        wait_for(async {
            let call = run(held, |held| async move {
                pending::<()>().await;
                drop(held);
                Ok(())
            });
            // Polled once, then dropped by the timeout: the act has started and must not go on.
            let short = std::time::Duration::from_millis(1);
            assert!(tokio::time::timeout(short, call).await.is_err());
            assert!(ended.await.is_err(), "the act still holds its sender");
        });
    }

    #[test]
    fn a_token_ends_a_waiting_call_and_stays_cancelled() {
        let token = CancelToken::new();
        let canceller = token.clone();
        let wait = |()| async move {
            canceller.cancel();
            pending::<Result<(), AppError>>().await
        };
        let ended = wait_for(run_until(Some(token.clone()), (), wait));
        assert_eq!(code(ended).as_deref(), Some("USER_CANCELLED"));
        let again = wait_for(run_until(Some(token), (), |()| {
            pending::<Result<(), AppError>>()
        }));
        assert_eq!(code(again).as_deref(), Some("USER_CANCELLED"));
    }

    #[test]
    fn a_panic_is_an_error_of_its_call() {
        crate::panics::install_hook();
        let act = |()| async { if true { panic!("a secret") } else { Ok(()) } };
        assert_eq!(code(wait_for(run((), act))).as_deref(), Some("INTERNAL"));
        let next = wait_for(run((), |()| async { Ok(7) }));
        assert_eq!(next.ok(), Some(7), "the threads go on");
    }

    /// Waits on the test's thread, as UniFFI polls on the caller's.
    fn wait_for<F: Future>(future: F) -> F::Output {
        Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(future)
    }
}
