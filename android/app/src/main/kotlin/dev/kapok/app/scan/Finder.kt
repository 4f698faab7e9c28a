package dev.kapok.app.scan

import android.Manifest
import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.PackageManager
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.view.Surface
import android.view.TextureView
import androidx.activity.compose.rememberLauncherForActivityResult
import androidx.activity.result.contract.ActivityResultContracts
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalContext
import androidx.compose.ui.viewinterop.AndroidView
import java.nio.ByteBuffer

/** Takes a grey frame as the camera has it: a direct buffer, valid only inside the call. */
fun interface FrameSink {
    fun frame(luma: ByteBuffer, width: Int, height: Int, stride: Int)
}

/** Where frames come from. */
interface Finder {
    /** Shows what is in front of the phone and gives its frames to [sink], or says that there is no camera to be had. */
    @Composable
    fun View(modifier: Modifier, sink: FrameSink, onNone: () -> Unit)
}

/** The phone's back camera, by plain Camera2; asks for the permission. Not run on a device. */
object CameraFinder : Finder {
    @Composable
    override fun View(modifier: Modifier, sink: FrameSink, onNone: () -> Unit) {
        val context = LocalContext.current
        var granted by remember { mutableStateOf(context.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED) }
        val ask = rememberLauncherForActivityResult(ActivityResultContracts.RequestPermission()) { if (it) granted = true else onNone() }
        LaunchedEffect(Unit) { if (!granted) ask.launch(Manifest.permission.CAMERA) }
        if (granted) {
            AndroidView({ TextureView(it).apply { surfaceTextureListener = Preview(it, sink, onNone) } }, modifier)
        }
    }
}

private class Preview(private val context: Context, private val sink: FrameSink, private val onNone: () -> Unit) : TextureView.SurfaceTextureListener {
    private var camera: Camera? = null

    override fun onSurfaceTextureAvailable(texture: SurfaceTexture, width: Int, height: Int) {
        texture.setDefaultBufferSize(Camera.WIDTH, Camera.HEIGHT)
        camera = Camera(context, Surface(texture), sink).apply { open(onNone) }
    }

    override fun onSurfaceTextureDestroyed(texture: SurfaceTexture): Boolean {
        camera?.close()
        return true
    }

    override fun onSurfaceTextureSizeChanged(texture: SurfaceTexture, width: Int, height: Int) = Unit

    override fun onSurfaceTextureUpdated(texture: SurfaceTexture) = Unit
}

private class Camera(private val context: Context, private val preview: Surface, sink: FrameSink) : AutoCloseable {
    private val thread = HandlerThread("camera").apply { start() }
    private val handler = Handler(thread.looper)
    private val reader = ImageReader.newInstance(WIDTH, HEIGHT, ImageFormat.YUV_420_888, 2)
    private var device: CameraDevice? = null

    init {
        reader.setOnImageAvailableListener({ source ->
            source.acquireLatestImage()?.use { image ->
                val luma = image.planes[0]
                sink.frame(luma.buffer, image.width, image.height, luma.rowStride)
            }
        }, handler)
    }

    @SuppressLint("MissingPermission") // CameraFinder opens it with the permission only
    fun open(onNone: () -> Unit) {
        val manager = context.getSystemService(CameraManager::class.java)
        val back = manager.cameraIdList.firstOrNull {
            manager.getCameraCharacteristics(it)[CameraCharacteristics.LENS_FACING] == CameraCharacteristics.LENS_FACING_BACK
        } ?: return onNone()
        val states = object : CameraDevice.StateCallback() {
            override fun onOpened(camera: CameraDevice) = start(camera)

            override fun onDisconnected(camera: CameraDevice) = camera.close()

            override fun onError(camera: CameraDevice, error: Int) {
                camera.close()
                handler.post(onNone)
            }
        }
        manager.openCamera(back, states, handler)
    }

    private fun start(camera: CameraDevice) {
        device = camera
        val outputs = listOf(preview, reader.surface)
        val states = object : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) {
                val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
                outputs.forEach(request::addTarget)
                session.setRepeatingRequest(request.build(), null, handler)
            }

            override fun onConfigureFailed(session: CameraCaptureSession) = close()
        }
        val configuration = SessionConfiguration(SessionConfiguration.SESSION_REGULAR, outputs.map(::OutputConfiguration), handler::post, states)
        camera.createCaptureSession(configuration)
    }

    override fun close() {
        device?.close()
        reader.close()
        preview.release()
        thread.quitSafely()
    }

    companion object {
        const val WIDTH = 1280
        const val HEIGHT = 720
    }
}
