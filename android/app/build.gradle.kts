plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
    id("org.jetbrains.kotlin.plugin.compose")
}

android {
    namespace = "dev.kapok.app"
    compileSdk = 36
    defaultConfig {
        applicationId = "dev.kapok.app"
        minSdk = 28
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"
    }
    // The generated code's types and, from `build.py compile`, the texts of the errors and the pinned certificate.
    sourceSets["main"].res.srcDirs("src/main/res", "../../target/android/gen-res")
    buildTypes["release"].apply {
        isMinifyEnabled = true
        proguardFiles("proguard-rules.pro")
    }
}

dependencies {
    implementation(project(":kapok"))
    implementation("androidx.activity:activity-compose:1.13.0")
    implementation("androidx.compose.material3:material3-android:1.4.0")
    implementation("androidx.compose.ui:ui-android:1.12.1")
    implementation("androidx.core:core:1.19.1")
    implementation("androidx.lifecycle:lifecycle-runtime-compose-android:2.11.0")
    implementation("androidx.lifecycle:lifecycle-viewmodel-compose-android:2.11.0")
    testImplementation("com.google.zxing:core:3.5.3")
    testImplementation("androidx.compose.ui:ui-test-junit4-android:1.12.1")
    testImplementation("androidx.test.ext:junit:1.3.0")
    testImplementation("org.robolectric:robolectric:4.17")
}
