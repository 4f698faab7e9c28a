//! `Range: bytes=a-b` (RFC 9110 § 14), one range.

/// What part of a file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// All of it: no header, or one that this server may ignore (another unit, several ranges, not readable).
    Whole,
    /// From `first` to `last`, both inside.
    Part {
        /// First byte.
        first: u64,
        /// Last byte.
        last: u64,
    },
    /// Beyond the end: 416.
    Outside,
}

/// Reads the header's value for a file of `size` bytes.
pub fn range(header: Option<&str>, size: u64) -> Range {
    let Some((first, last)) = header
        .and_then(|h| h.strip_prefix("bytes="))
        .and_then(|r| r.trim().split_once('-'))
    else {
        return Range::Whole;
    };
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), _) if first >= size => Range::Outside,
        (Ok(first), Ok(last)) if last >= first => Range::Part {
            first,
            last: last.min(size - 1),
        },
        (Ok(first), _) if last.is_empty() => Range::Part {
            first,
            last: size - 1,
        },
        (Err(_), Ok(0)) if first.is_empty() => Range::Outside,
        (Err(_), Ok(tail)) if first.is_empty() && size > 0 => Range::Part {
            first: size.saturating_sub(tail),
            last: size - 1,
        },
        _ => Range::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_lies_inside_the_file_or_is_refused() {
        let part = |first, last| Range::Part { first, last };
        for (header, expected) in [
            ("bytes=0-9", part(0, 9)),
            ("bytes=90-", part(90, 99)),
            ("bytes=90-500", part(90, 99)),
            ("bytes=-10", part(90, 99)),
            ("bytes=-500", part(0, 99)),
            ("bytes=99-99", part(99, 99)),
            ("bytes=100-", Range::Outside),
            ("bytes=100-200", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=9-0", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("lines=0-1", Range::Whole),
            ("bytes=a-b", Range::Whole),
            ("bytes=18446744073709551616-", Range::Whole),
            ("", Range::Whole),
        ] {
            assert_eq!(range(Some(header), 100), expected, "{header}");
        }
        assert_eq!(range(None, 100), Range::Whole);
        assert_eq!(range(Some("bytes=0-0"), 0), Range::Outside);
        assert_eq!(range(Some("bytes=-1"), 0), Range::Whole);
    }
}
