// For Android Studio; not run by this repository's tests, which build with build.py over deps/*.lock. A test compares the versions.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}
dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}
rootProject.name = "kapok-android"
include(":kapok", ":app")
