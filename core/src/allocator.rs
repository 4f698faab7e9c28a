//! Zeroes every block of memory when it is given back. UniFFI, serde and the TLS library free buffers that held secrets; wiping our
//! own types cannot reach those. A shell makes it the global one of its program.

#![allow(unsafe_code, reason = "an allocator has no safe interface")]

use std::alloc::{GlobalAlloc, Layout, System};

/// An allocator that wipes before it hands blocks back to the inner one.
pub struct Wiping<A>(A);

/// The system's allocator, wiping.
pub const WIPING: Wiping<System> = Wiping(System);

// SAFETY: every call goes to the inner allocator with the same arguments. `realloc` is left to the trait's default, which allocates,
// copies and frees, so that a block that moves is wiped too.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's, of this layout, and nobody reads it any more.
        unsafe {
            block.write_bytes(0, layout.size());
            // The compiler must not drop stores to memory that is freed next.
            std::hint::black_box(block);
            self.0.dealloc(block, layout);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts bytes that come back and are not zero.
    struct Probe(AtomicUsize);

    // SAFETY: hands everything to the system's allocator.
    unsafe impl GlobalAlloc for Probe {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: same contract.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the tests write every byte of a block before they give it back.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            let left = bytes.iter().filter(|byte| **byte != 0).count();
            self.0.fetch_add(left, Ordering::Relaxed);
            // SAFETY: same contract.
            unsafe { System.dealloc(block, layout) }
        }
    }

    #[test]
    fn a_block_is_wiped_when_it_is_freed_and_when_it_moves() {
        let allocator = Wiping(Probe(AtomicUsize::new(0)));
        let small = Layout::from_size_align(64, 8).unwrap();
        let large = Layout::from_size_align(4096, 8).unwrap();
        // SAFETY: blocks are used within their size and freed once with the layout that they have.
        unsafe {
            let block = allocator.alloc(small);
            block.write_bytes(0xa5, small.size());
            let moved = allocator.realloc(block, small, large.size());
            assert_eq!(moved.read(), 0xa5);
            moved.write_bytes(0xa5, large.size());
            allocator.dealloc(moved, large);
        }
        assert_eq!(allocator.0.0.load(Ordering::Relaxed), 0);
    }
}
