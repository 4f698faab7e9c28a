import Foundation
import KapokCore

/// The phone's hardware keys: one signs, one computes HMAC. Called on the library's threads; neither key leaves the chip.
public typealias HardwareKey = KapokCore.HardwareKey
/// The system's store for small secrets, bound to this device and kept out of backups.
public typealias SecureStorage = KapokCore.SecureStorage
/// The phone's clocks.
public typealias PhoneClock = KapokCore.PhoneClock
/// All of them.
public typealias Ports = KapokCore.Ports
/// What a port throws; the call that needed it ends in `HARDWARE_KEY` with the reason.
public typealias PortError = KapokCore.PortError
/// The 32 bytes that ``HardwareKey`` replaces by their HMAC, in the library's own memory.
public typealias PrfBuffer = KapokCore.PrfBuffer

extension Ports {
    /// Runs the contract of the ports, for a shell's tests. Ends in `HARDWARE_KEY` whose reason names the first line that does not hold.
    /// Uses two names of the storage, `contract-probe-a` and `-b`, and removes them.
    public func check() async throws(KapokFailure) {
        try await blocking { try checkPorts(ports: self) }
    }
}

extension PrfBuffer {
    /// Gives the bytes to be read and replaced in place; they are wiped when the port returns. Throws `Malformed` without an address.
    public func withBytes<T>(_ body: (UnsafeMutableRawBufferPointer) throws -> T) throws -> T {
        guard let start = UnsafeMutableRawPointer(bitPattern: UInt(address)) else { throw PortError.Malformed }
        return try body(UnsafeMutableRawBufferPointer(start: start, count: Int(length)))
    }
}

/// The clocks of the system.
public final class SystemClock: PhoneClock {
    public init() {}

    /// Milliseconds since 1970, as the user set it.
    public func unixMs() throws -> UInt64 {
        UInt64(max(0, Date().timeIntervalSince1970 * 1000))
    }

    /// Milliseconds since the start of the system, those in which it slept included.
    public func monotonicMs() throws -> UInt64 {
        var time = timespec()
        #if os(Linux)
            let clock = CLOCK_BOOTTIME
        #else
            let clock = CLOCK_MONOTONIC
        #endif
        guard clock_gettime(clock, &time) == 0 else { throw PortError.Unavailable }
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
