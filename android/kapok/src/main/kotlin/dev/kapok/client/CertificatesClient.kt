package dev.kapok.client

import dev.kapok.CertificateKind
import dev.kapok.CertificateView
import dev.kapok.Certificates
import dev.kapok.SealKind
import dev.kapok.SealPreview
import dev.kapok.SealView
import dev.kapok.Seals

/** 数字证书. */
class CertificatesClient internal constructor(private val certificates: Certificates) : AutoCloseable by certificates {
    /** What can be installed and what is installed. */
    suspend fun list(): List<CertificateView> = call { certificates.list() }

    /** 安装证书 behind the PIN, which is empty afterwards. Ends in `PIN_WRONG` with the tries left, `PIN_WAIT` with the seconds, `PIN_BLOCKED`. */
    suspend fun install(enterpriseId: String, kind: CertificateKind, pin: Pin): CertificateView = call { certificates.install(enterpriseId, kind, pin.pad) }
}

/** 印章. */
class SealsClient internal constructor(private val seals: Seals) : AutoCloseable by seals {
    /** The account's seals on this phone. */
    suspend fun list(): List<SealView> = call { seals.list() }

    /** The picture that the seal would have (PNG). Nothing is made yet. */
    suspend fun preview(enterpriseId: String, kind: SealKind): SealPreview = call { seals.preview(enterpriseId, kind) }

    /** Makes the seal that was previewed. */
    suspend fun generate(previewId: String): SealView = call { seals.generate(previewId) }
}
