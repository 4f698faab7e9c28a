package dev.kapok.app

import android.content.Context
import android.content.res.Configuration
import androidx.core.content.edit
import java.util.Locale
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow

/** A language of the screens. */
enum class Language(val tag: String) {
    ZH_CN("zh-CN"),
    ZH_HK("zh-HK"),
    EN("en"),
}

/** 功能设置: kept on the phone, not backed up. */
class Preferences(context: Context) {
    private val store = context.getSharedPreferences("settings", Context.MODE_PRIVATE)
    private val system = context.resources.configuration.locales[0]
    private val elderMode = MutableStateFlow(store.getBoolean(ELDER, false))

    /** Elder mode: larger letters and larger targets. */
    val elder: StateFlow<Boolean> = elderMode.asStateFlow()

    /** The chosen language, else the system's if there are texts in it. */
    val language: Language
        get() = Language.entries.find { it.tag == store.getString(LANGUAGE, null) } ?: when {
            system.language != "zh" -> if (system.language == "en") Language.EN else Language.ZH_CN
            system.country in setOf("HK", "MO", "TW") -> Language.ZH_HK
            else -> Language.ZH_CN
        }

    fun setElder(on: Boolean) {
        store.edit { putBoolean(ELDER, on) }
        elderMode.value = on
    }

    fun setLanguage(language: Language) = store.edit { putString(LANGUAGE, language.tag) }

    /** The context in which the chosen language's texts are found. */
    fun localized(base: Context): Context {
        val locale = Locale.forLanguageTag(language.tag)
        return base.createConfigurationContext(Configuration(base.resources.configuration).apply { setLocale(locale) })
    }

    private companion object {
        const val ELDER = "elder"
        const val LANGUAGE = "language"
    }
}
