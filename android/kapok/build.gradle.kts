plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "dev.kapok.client"
    compileSdk = 36
    defaultConfig { minSdk = 28 }
    // `cargo xtask bindings` writes the generated code there.
    sourceSets["main"].java.srcDirs("src/main/kotlin", "../../target/gen/kotlin")
}

dependencies {
    implementation("net.java.dev.jna:jna:5.19.1@aar")
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
}
