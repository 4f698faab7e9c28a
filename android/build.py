#!/usr/bin/env python3
"""Builds, tests and packs the Android shell without Gradle and without an Android SDK; `cargo xtask test --only android` calls it.

  build.py [there|resolve|compile|test|apk] --lib HOST.so --bindings KOTLIN_DIR [--arm64 libkapok.so] [--root ROOT.pem] [--tests REGEX]

Every step is skipped while its inputs are the same. Products lie in target/android.
"""
import argparse, hashlib, os, pathlib, re, shutil, subprocess, sys, time, zipfile
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parent
REPO = ROOT.parent
OUT = REPO / "target/android"
APP = "dev.kapok.app"
MIN, TARGET = 28, 36
LOCKS = ("app", "test", "tools", "android", "lint")
LOCALES = {"values": 3, "values-zh-rHK": 4, "values-en": 5}
NS = "http://schemas.android.com/apk/res/android"
ET.register_namespace("android", NS)
A = f"{{{NS}}}"


def lock(name):
    lines = (ROOT / "deps" / f"{name}.lock").read_text().splitlines()
    return [l.strip() for l in lines if l.strip() and not l.startswith("#")]


def repo():
    return pathlib.Path(os.environ.get("M2", pathlib.Path.home() / ".m2/repository"))


def path(gav):
    g, a, v, t, *classifier = gav.split(":")
    return repo() / g.replace(".", "/") / a / v / ("-".join([a, v, *classifier]) + f".{t}")


def run(*cmd, **kw):
    subprocess.run([str(c) for c in cmd], check=True, **kw)


def step(name, inputs, work):
    """Runs work unless the stamp says that the same inputs were already worked on."""
    h = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    for i in inputs:
        for f in sorted(i.rglob("*")) if i.is_dir() else [i]:
            if f.is_file():
                h.update(str(f).encode() + f.read_bytes())
    stamp = OUT / f"{name}.stamp"
    if stamp.exists() and stamp.read_text() == h.hexdigest():
        return print(f"{name}: up to date")
    t = time.time()
    stamp.unlink(missing_ok=True)
    work()
    stamp.write_text(h.hexdigest())
    print(f"{name}: {time.time() - t:.1f} s", flush=True)


def resolve():
    every = [g for n in LOCKS for g in lock(n)]
    if all(path(g).exists() for g in every):
        return print("resolve: all there")
    # A flat list with every transitive edge cut: Maven's own mediation cannot tell aar from jar in androidx POMs.
    pom = ["<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><packaging>pom</packaging><dependencies>"]
    for g, a, v, t, *classifier in sorted({tuple(x.split(":")) for x in every}):
        pom.append(f"<dependency><groupId>{g}</groupId><artifactId>{a}</artifactId><version>{v}</version><type>{t}</type>"
                   + "".join(f"<classifier>{c}</classifier>" for c in classifier) +
                   "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>")
    (OUT / "resolve.xml").write_text("\n".join(pom) + "</dependencies></project>")
    t = time.time()
    run("mvn", "-q", "-B", "-ntp", f"-Dmaven.repo.local={repo()}", "-f", OUT / "resolve.xml",
        "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:resolve", "-Dmdep.outputFile=/dev/null")
    missing = [g for g in every if not path(g).exists()]
    if missing:
        sys.exit(f"not resolved: {missing}")
    print(f"resolve: {time.time() - t:.1f} s")


def classes(gavs):
    """Jars of a lock list; an aar is unpacked once under build/aar."""
    jars = []
    for gav in gavs:
        if gav.endswith(":jar"):
            jars.append(path(gav))
            continue
        d = OUT / "aar" / path(gav).stem
        if not d.exists():
            with zipfile.ZipFile(path(gav)) as z:
                z.extractall(d)
        jars += [j for j in [d / "classes.jar", *sorted(d.glob("libs/*.jar"))] if j.exists()]
    return jars


def aars(gavs):
    return [OUT / "aar" / path(g).stem for g in gavs if g.endswith(":aar")]


def android_jar(kind="android-all"):
    """android-all: classes + resources.arsc, for kotlinc, R8 and aapt2 -I; android-all-instrumented: what Robolectric runs."""
    return path(next(g for g in lock("android") if f":{kind}:" in g))


def tools():
    return [path(g) for g in lock("tools")]


def cp(jars):
    return ":".join(str(j) for j in jars)


def aapt2(*args):
    exe = OUT / "aapt2"
    if not exe.exists():
        with zipfile.ZipFile(path(next(g for g in lock("tools") if ":apktool-lib:" in g))) as z:
            exe.write_bytes(z.read("prebuilt/linux/aapt2"))
        exe.chmod(0o755)
    run(exe, *args)


def generated_res(root_pem, to):
    """Texts of the error codes, out of docs/errors.md, and the certificate that the platform's TLS is pinned to."""
    shutil.rmtree(to, ignore_errors=True)
    rows = [[c.strip() for c in l.split("|")[1:-1]] for l in (REPO / "docs/errors.md").read_text().splitlines() if l.startswith("| `")]
    if not rows:
        sys.exit("docs/errors.md lists no code")
    for folder, column in LOCALES.items():
        resources = ET.Element("resources")
        for row in rows:
            e = ET.SubElement(resources, "string", name="error_" + row[0].strip("`"))
            e.text = row[column].replace("'", "\\'")
        (to / folder).mkdir(parents=True)
        ET.ElementTree(resources).write(to / folder / "errors.xml", "utf-8", True)
    (to / "raw").mkdir()
    shutil.copy(root_pem, to / "raw/root.pem")


def merge_manifest(gavs, to):
    """The part of AGP's manifest merger that these libraries need."""
    root = ET.parse(ROOT / "app/src/main/AndroidManifest.xml").getroot()
    root.set("package", APP)
    application = root.find("application")
    for d in aars(gavs):
        if not (d / "AndroidManifest.xml").exists():
            continue
        lib = ET.fromstring((d / "AndroidManifest.xml").read_text().replace("${applicationId}", APP))
        low = lib.find("uses-sdk")
        if low is not None and int(low.get(A + "minSdkVersion", "1")) > MIN:
            sys.exit(f"{d.name} wants minSdk {low.get(A + 'minSdkVersion')}")
        for e in list(lib):
            if e.tag in ("uses-permission", "permission", "queries") and not any(
                    o.tag == e.tag and o.get(A + "name") == e.get(A + "name") for o in root):
                root.append(e)
        for e in lib.findall("application/*"):
            same = [o for o in application if o.tag == e.tag and o.get(A + "name") == e.get(A + "name")]
            (same[0].extend(list(e)) if same else application.append(e))
    if (factory := "androidx.core.app.CoreComponentFactory") and any(d.name.startswith("core-1") for d in aars(gavs)):
        application.set(A + "appComponentFactory", factory)
    for e in root.iter():
        for k in [k for k in e.attrib if k.startswith("{http://schemas.android.com/tools}")]:
            del e.attrib[k]
    ET.ElementTree(root).write(to, "utf-8", True)


def link(flavour, gavs):
    """aapt2: compile + link one resource APK and R.java for the app and every library."""
    d = OUT / flavour
    shutil.rmtree(d, ignore_errors=True)
    (d / "flat").mkdir(parents=True)
    merge_manifest(gavs, d / "AndroidManifest.xml")
    overlays, packages = [], []
    for lib in aars(gavs):
        packages.append(ET.parse(lib / "AndroidManifest.xml").getroot().get("package"))
        if any((lib / "res").rglob("*.xml")) or any((lib / "res").rglob("*.png")):
            aapt2("compile", "--dir", lib / "res", "-o", d / "flat" / f"{lib.name}.zip")
            overlays += ["-R", d / "flat" / f"{lib.name}.zip"]
    aapt2("compile", "--dir", ROOT / "app/src/main/res", "-o", d / "flat/app.zip")
    aapt2("compile", "--dir", OUT / "gen-res", "-o", d / "flat/gen.zip")
    aapt2("link", "-I", android_jar(), "--manifest", d / "AndroidManifest.xml", "--auto-add-overlay", *overlays, "-R", d / "flat/gen.zip", "-R", d / "flat/app.zip",
          "--min-sdk-version", MIN, "--target-sdk-version", TARGET, "--version-code", 1, "--version-name", "0.1",
          "--debug-mode" if flavour == "test-res" else "--no-version-vectors", "--non-final-ids",
          "--java", d / "java", "--custom-package", APP, "--extra-packages", ":".join(sorted({p for p in packages if p})), "-o", d / "res.apk")
    (d / "R").mkdir()
    run("javac", "-nowarn", "-d", d / "R", *(d / "java").rglob("R.java"))


def kotlinc(module, sources, classpath, dest, friend=None):
    shutil.rmtree(dest, ignore_errors=True)
    plugin = next(j for j in tools() if "compose-compiler-plugin" in j.name)
    args = ["-no-stdlib", "-no-reflect", "-jvm-target", "17", "-module-name", module, f"-Xplugin={plugin}", "-Werror",
            "-d", dest, "-classpath", cp(classpath), *sources]
    if friend:
        args.insert(0, f"-Xfriend-paths={friend}")
    run("java", "-Xmx1500m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", cp(tools()), "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", *args)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("what", choices=["there", "resolve", "compile", "test", "apk"])
    p.add_argument("--lib", type=pathlib.Path)
    p.add_argument("--bindings", type=pathlib.Path)
    p.add_argument("--arm64", type=pathlib.Path)
    p.add_argument("--root", type=pathlib.Path, default=REPO / "core/testdata/root.pem")
    p.add_argument("--tests", default=".*Test")
    o = p.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    if o.what == "there":
        sys.exit(0 if all(path(g).exists() for n in LOCKS for g in lock(n)) else 1)
    resolve()
    if o.what == "resolve":
        return
    app, test = lock("app"), lock("test")
    appcp, testcp = classes(app), classes(test)
    main, deps = ROOT / "app/src/main", ROOT / "deps"
    step("res", [main / "res", main / "AndroidManifest.xml", REPO / "docs/errors.md", o.root, deps], lambda: (
        generated_res(o.root, OUT / "gen-res"), link("res", app), link("test-res", app + test)))
    step("generated", [o.bindings, deps], lambda: kotlinc("generated", o.bindings.rglob("*.kt"), appcp, OUT / "generated"))
    client = ROOT / "kapok/src/main/kotlin"
    step("kapok", [client, OUT / "generated", deps], lambda: kotlinc(
        "kapok", client.rglob("*.kt"), [android_jar(), OUT / "generated", *appcp], OUT / "kapok"))
    step("app", [main / "kotlin", OUT / "res/java", OUT / "kapok", OUT / "generated", deps], lambda: kotlinc(
        "app", (main / "kotlin").rglob("*.kt"), [android_jar(), OUT / "res/R", OUT / "kapok", OUT / "generated", *appcp], OUT / "app"))
    if o.what != "apk":
        settings = [ROOT / ".editorconfig", ROOT / "detekt.yml"]
        step("lint", [ROOT / "app/src", ROOT / "kapok/src", *ROOT.rglob("*.kts"), *settings, deps], check_text)
    if o.what == "test":
        cpath = [OUT / "app", OUT / "test-res/R", OUT / "kapok", OUT / "generated", *testcp, *appcp]
        ports = REPO / "bindings/tests/kotlin/JvmPorts.kt"
        step("app-test", [ROOT / "app/src/test", ports, OUT / "app", deps], lambda: kotlinc(
            "app_test", [ports, *(ROOT / "app/src/test").rglob("*.kt")], [android_jar(), *cpath], OUT / "app-test", f"{OUT / 'app'},{OUT / 'kapok'}"))
        run_tests(o, cpath)
    if o.what == "apk":
        step("apk", [OUT / "app", OUT / "kapok", OUT / "res/res.apk", ROOT / "app/proguard-rules.pro", *filter(None, [o.arm64])],
             lambda: apk(o, app, appcp))


def check_text():
    """ktlint and detekt: no warning, settings in .editorconfig and detekt.yml."""
    ktlint, detekt = (path(g) for g in lock("lint"))
    run("java", "-Xmx1g", "-XX:TieredStopAtLevel=1", "-jar", ktlint, "--relative", "app/**/*.kt", "kapok/**/*.kt", "**/*.kts", cwd=ROOT)
    run("java", "-Xmx1g", "-XX:TieredStopAtLevel=1", "-jar", detekt, "--input", "app/src,kapok/src", "--build-upon-default-config", "--config", "detekt.yml", cwd=ROOT)


def run_tests(o, cpath):
    t = time.time()
    conf = OUT / "test-conf"
    (conf / "com/android/tools").mkdir(parents=True, exist_ok=True)
    # The file by which Robolectric learns where the linked resources are; AGP writes the same one.
    (conf / "com/android/tools/test_config.properties").write_text(
        f"android_merged_manifest={OUT}/test-res/AndroidManifest.xml\nandroid_resource_apk={OUT}/test-res/res.apk\nandroid_custom_package={APP}\n")
    (OUT / "pictures").mkdir(exist_ok=True)
    tests = sorted(f"{APP}.{f.stem}" for f in (OUT / "app-test").rglob("*.class") if re.fullmatch(o.tests, f.stem))
    opens = [f"--add-opens=java.base/{x}=ALL-UNNAMED" for x in ("java.lang", "java.io", "java.util", "java.net", "java.nio")]
    ended = subprocess.run([str(c) for c in ("java", "-Xmx2g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", *opens, "-Djava.awt.headless=true",
        "-Drobolectric.offline=true", f"-Drobolectric.dependency.dir={android_jar('android-all-instrumented').parent}", f"-Djna.library.path={o.lib.resolve().parent}",
        f"-Dpictures={OUT}/pictures", f"-Dandroid.sources={ROOT}", "-cp", cp([OUT / "app-test", ROOT / "app/src/test/resources", conf, *cpath, android_jar('android-all-instrumented')]), f"{APP}.MainKt", *tests)])
    print(f"tests took {time.time() - t:.1f} s", flush=True)
    if ended.returncode:
        sys.exit(ended.returncode)


def apk(o, app, appcp):
    d = OUT / "apk"
    shutil.rmtree(d, ignore_errors=True)
    (d / "dex").mkdir(parents=True)
    t = time.time()
    rules = [ROOT / "app/proguard-rules.pro", *[a / "proguard.txt" for a in aars(app) if (a / "proguard.txt").exists()]]
    own = []
    for name in ("app", "kapok", "generated", "res/R"):
        jar = d / f"{name.replace('/', '-')}.jar"
        with zipfile.ZipFile(jar, "w") as z:
            for f in sorted((OUT / name).rglob("*.class")):
                z.write(f, f.relative_to(OUT / name))
        own.append(jar)
    run("java", "-Xmx2g", "-cp", cp(tools()), "com.android.tools.r8.R8", "--release", "--min-api", MIN, "--lib", android_jar(),
        "--lib", pathlib.Path(shutil.which("java")).resolve().parents[1],   # android-all has no java.*
        *[x for r in rules for x in ("--pg-conf", r)], "--output", d / "dex", *own, *appcp)
    print(f"  r8: {time.time() - t:.1f} s")
    shutil.copy(OUT / "res/res.apk", d / "unsigned.apk")
    with zipfile.ZipFile(d / "unsigned.apk", "a") as z:
        for f in sorted((d / "dex").glob("*.dex")):
            z.write(f, f.name, zipfile.ZIP_STORED)
        jna = next(a for a in aars(app) if a.name.startswith("jna-"))
        z.write(jna / "jni/arm64-v8a/libjnidispatch.so", "lib/arm64-v8a/libjnidispatch.so", zipfile.ZIP_STORED)
        if o.arm64:
            z.write(o.arm64, "lib/arm64-v8a/libkapok.so", zipfile.ZIP_STORED)
    t = time.time()
    key = OUT / "debug.p12"
    if not key.exists():
        run("keytool", "-genkeypair", "-keystore", key, "-storepass", "android", "-alias", "debug", "-keyalg", "EC", "-groupname", "secp256r1",
            "-dname", "CN=Kapok debug", "-validity", "10000", stderr=subprocess.DEVNULL)
    run("java", "-cp", cp([next(j for j in tools() if j.name.startswith("apksig"))]), ROOT / "tools/Sign.java",
        key, d / "unsigned.apk", d / "kapok-debug.apk", MIN)   # apksig also aligns: .so to 16 KiB, the rest to 4
    aapt2("dump", "badging", d / "kapok-debug.apk")
    print(f"  sign: {time.time() - t:.1f} s, {(d / 'kapok-debug.apk').stat().st_size} bytes")


main()
