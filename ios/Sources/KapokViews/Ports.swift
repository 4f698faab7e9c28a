import CryptoKit
import Foundation
import Kapok
import Security

extension Ports {
    /// The ports of an iPhone: keys in the Secure Enclave, secrets in the Keychain, the system's clocks.
    public static func ofThisPhone(service: String) throws -> Ports {
        let keychain = Keychain(service: service)
        return Ports(hardware: try EnclaveKey(keychain), storage: keychain, clock: SystemClock())
    }
}

/// Small secrets in the Keychain: on this device only, in no backup, in no other device's iCloud Keychain.
public final class Keychain: SecureStorage {
    private let service: String

    public init(service: String) {
        self.service = service
    }

    public func get(name: String) throws -> Data? {
        var query = query(name)
        query[kSecReturnData as String] = true
        var found: CFTypeRef?
        switch SecItemCopyMatching(query as CFDictionary, &found) {
        case errSecSuccess:
            guard let data = found as? Data else { throw PortError.Malformed }
            return data
        case errSecItemNotFound: return nil
        // Not readable now is not the same as not there.
        default: throw PortError.Unavailable
        }
    }

    public func set(name: String, value: Data) throws {
        let new: [String: Any] = [kSecValueData as String: value]
        switch SecItemUpdate(query(name) as CFDictionary, new as CFDictionary) {
        case errSecSuccess: return
        case errSecItemNotFound: break
        default: throw PortError.Unavailable
        }
        var item = query(name).merging(new) { _, new in new }
        item[kSecAttrAccessible as String] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        guard SecItemAdd(item as CFDictionary, nil) == errSecSuccess else { throw PortError.Unavailable }
    }

    public func remove(name: String) throws {
        let status = SecItemDelete(query(name) as CFDictionary)
        guard status == errSecSuccess || status == errSecItemNotFound else { throw PortError.Unavailable }
    }

    private func query(_ name: String) -> [String: Any] {
        [
            kSecClass as String: kSecClassGenericPassword,
            kSecAttrService as String: service,
            kSecAttrAccount as String: name,
            kSecUseDataProtectionKeychain as String: true,
        ]
    }
}

/// The phone's keys in the Secure Enclave.
///
/// The Enclave signs, and agrees on keys; it computes no HMAC. The PRF's key is therefore derived from an agreement of the Enclave's key
/// with itself: it is stored nowhere and needs this chip, but is in the app's memory while it is used.
public final class EnclaveKey: HardwareKey {
    private let signing: SecureEnclave.P256.Signing.PrivateKey
    private let agreement: SecureEnclave.P256.KeyAgreement.PrivateKey

    /// Opens the keys, or makes them. Throws `Unavailable` on a device without an Enclave.
    public init(_ keychain: Keychain) throws {
        guard SecureEnclave.isAvailable else { throw PortError.Unavailable }
        signing = try Self.key(
            keychain, "device-key", { try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: $0) },
            {
                let key = try SecureEnclave.P256.Signing.PrivateKey(accessControl: Self.access())
                return (key, key.dataRepresentation)
            })
        agreement = try Self.key(
            keychain, "prf-key", { try SecureEnclave.P256.KeyAgreement.PrivateKey(dataRepresentation: $0) },
            {
                let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(accessControl: Self.access())
                return (key, key.dataRepresentation)
            })
    }

    public func publicKey() throws -> Data {
        signing.publicKey.compressedRepresentation
    }

    public func sign(data: Data) throws -> Data {
        do { return try signing.signature(for: data).rawRepresentation } catch { throw PortError.Unavailable }
    }

    public func prf(label: String, buffer: PrfBuffer) throws {
        try buffer.withBytes { bytes in
            var text = withUnsafeBytes(of: UInt32(label.utf8.count).bigEndian) { Data($0) }
            text.append(contentsOf: label.utf8)
            text.append(contentsOf: bytes)
            defer { text.resetBytes(in: text.startIndex..<text.endIndex) }
            var output = Data(HMAC<SHA256>.authenticationCode(for: text, using: try prfKey()))
            defer { output.resetBytes(in: output.startIndex..<output.endIndex) }
            bytes.copyBytes(from: output)
        }
    }

    private func prfKey() throws -> SymmetricKey {
        do {
            let secret = try agreement.sharedSecretFromKeyAgreement(with: agreement.publicKey)
            return secret.hkdfDerivedSymmetricKey(
                using: SHA256.self, salt: Data(), sharedInfo: Data("kapok/prf".utf8), outputByteCount: 32)
        } catch {
            throw PortError.Unavailable
        }
    }

    /// Not bound to a fingerprint or face: a new one must not end it.
    private static func access() throws -> SecAccessControl {
        let access = SecAccessControlCreateWithFlags(
            nil, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage, nil)
        guard let access else { throw PortError.Unavailable }
        return access
    }

    /// What the Keychain holds is a handle that is of use to this chip only.
    private static func key<Key>(
        _ keychain: Keychain, _ name: String, _ open: (Data) throws -> Key, _ make: () throws -> (Key, Data)
    ) throws -> Key {
        do {
            if let handle = try keychain.get(name: name) { return try open(handle) }
            let (key, handle) = try make()
            try keychain.set(name: name, value: handle)
            return key
        } catch let error as PortError {
            throw error
        } catch {
            throw PortError.KeyMissing
        }
    }
}
