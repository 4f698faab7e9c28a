//! CPU time, because other programs share the machine: a wall clock would measure them too.

use anyhow::{Context as _, Result};
use rustix::time::{ClockId, clock_gettime};
use std::fs;

/// CPU time of the calling thread, milliseconds.
pub fn thread_ms() -> f64 {
    read(ClockId::ThreadCPUTime)
}

/// CPU time of this process, milliseconds.
pub fn process_ms() -> f64 {
    read(ClockId::ProcessCPUTime)
}

fn read(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// CPU time of this process's threads of that name, milliseconds (Linux). Threads that have ended are not counted.
pub fn threads_ms(name: &str) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir("/proc/self/task").context("no /proc: Linux only")? {
        let task = task?.path();
        // A thread may end while the folder is read.
        let Ok(comm) = fs::read_to_string(task.join("comm")) else {
            continue;
        };
        if comm.trim_end() == name {
            nanoseconds += first_number(&fs::read_to_string(task.join("schedstat"))?)?;
        }
    }
    Ok(nanoseconds / 1e6)
}

/// CPU time of another process, seconds, in steps of 10 ms (Linux).
pub fn other_seconds(process: u32) -> Result<f64> {
    /// Clock ticks of `/proc` in a second: fixed on Linux.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Fields 14 and 15 of the line, counted behind the name in brackets, which may hold spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let mut ticks = fields.split_whitespace().skip(11);
    let mut next = || ticks.next().and_then(|text| text.parse::<f64>().ok());
    let (user, system) = next().zip(next()).context("no CPU time")?;
    Ok((user + system) / TICKS)
}

fn first_number(text: &str) -> Result<f64> {
    let number = text.split_whitespace().next().context("empty")?;
    Ok(number.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time_of_its_thread_and_of_no_other() {
        let (mine, all) = (thread_ms(), process_ms());
        let worker = std::thread::Builder::new().name("bench-worker".to_owned());
        let burnt = worker
            .spawn(|| {
                let start = thread_ms();
                while thread_ms() - start < 30.0 {
                    std::hint::black_box([0u8; 4096]);
                }
                threads_ms("bench-worker").unwrap()
            })
            .unwrap()
            .join()
            .unwrap();
        // The kernel notes a running thread's time at its ticks, 4 ms or less apart.
        assert!(burnt >= 20.0, "{burnt}");
        assert!(process_ms() - all >= 30.0);
        assert!(thread_ms() - mine < 30.0);
        assert_eq!(threads_ms("no such thread").unwrap(), 0.0);
    }
}
