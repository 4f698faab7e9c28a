// The signatures that the Secure Enclave's port needs. See Stubs/SwiftUI/SwiftUI.swift.
import Foundation
import Security

public struct SymmetricKey: Sendable {}
public struct SHA256: Sendable {}
public struct HMAC<H> {
    public struct MAC: Sequence {
        public typealias Element = UInt8
        public func makeIterator() -> Data.Iterator { fatalError() }
    }
    public static func authenticationCode<D: DataProtocol>(for data: D, using key: SymmetricKey) -> MAC { fatalError() }
}
public struct SharedSecret: Sendable {
    public func hkdfDerivedSymmetricKey<Salt: DataProtocol, Info: DataProtocol>(
        using hash: SHA256.Type, salt: Salt, sharedInfo: Info, outputByteCount: Int
    ) -> SymmetricKey { fatalError() }
}
public enum P256 {
    public enum Signing {
        public struct PublicKey: Sendable { public var compressedRepresentation: Data { fatalError() } }
        public struct ECDSASignature: Sendable { public var rawRepresentation: Data { fatalError() } }
    }
    public enum KeyAgreement { public struct PublicKey: Sendable {} }
}
public enum SecureEnclave {
    public static var isAvailable: Bool { false }
    public enum P256 {
        public enum Signing {
            public struct PrivateKey: Sendable {
                public init(compactRepresentable: Bool = true, accessControl: SecAccessControl) throws { fatalError() }
                public init(dataRepresentation: Data) throws { fatalError() }
                public var dataRepresentation: Data { fatalError() }
                public var publicKey: CryptoKit.P256.Signing.PublicKey { fatalError() }
                public func signature<D: DataProtocol>(for data: D) throws -> CryptoKit.P256.Signing.ECDSASignature { fatalError() }
            }
        }
        public enum KeyAgreement {
            public struct PrivateKey: Sendable {
                public init(compactRepresentable: Bool = true, accessControl: SecAccessControl) throws { fatalError() }
                public init(dataRepresentation: Data) throws { fatalError() }
                public var dataRepresentation: Data { fatalError() }
                public var publicKey: CryptoKit.P256.KeyAgreement.PublicKey { fatalError() }
                public func sharedSecretFromKeyAgreement(with key: CryptoKit.P256.KeyAgreement.PublicKey) throws -> SharedSecret { fatalError() }
            }
        }
    }
}
