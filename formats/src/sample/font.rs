//! A font whose used glyphs are collected while text is set, and embedded as a subset.

use super::SampleError;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider, Tag};
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;

const SYSTEM: SystemInfo<'static> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// One face and what was used of it.
pub(super) struct Font {
    data: &'static [u8],
    glyphs: GlyphRemapper,
    /// New glyph number → character and advance in thousandths of the size.
    used: BTreeMap<u16, (char, f32)>,
}

impl Font {
    /// Opens an OpenType font with CFF outlines.
    pub fn new(data: &'static [u8]) -> Result<Self, SampleError> {
        FontRef::new(data).map_err(|_| SampleError::Font)?;
        Ok(Self {
            data,
            glyphs: GlyphRemapper::new(),
            used: BTreeMap::new(),
        })
    }

    /// Advances of the characters in thousandths of the font size.
    pub fn advances(&self, text: &str) -> Result<Vec<f32>, SampleError> {
        let face = self.face()?;
        let metrics = face.glyph_metrics(Size::new(1000.0), LocationRef::default());
        let charmap = face.charmap();
        text.chars()
            .map(|c| {
                let glyph = charmap.map(c).ok_or(SampleError::MissingCharacter(c))?;
                metrics.advance_width(glyph).ok_or(SampleError::Font)
            })
            .collect()
    }

    /// Two bytes per character, for a show operator; the glyphs become part of the subset.
    pub fn encode(&mut self, text: &str) -> Result<Vec<u8>, SampleError> {
        let advances = self.advances(text)?;
        let charmap = self.face()?.charmap();
        let mut bytes = Vec::with_capacity(text.len());
        for (c, advance) in text.chars().zip(advances) {
            let glyph = charmap.map(c).ok_or(SampleError::MissingCharacter(c))?;
            let old = u16::try_from(glyph.to_u32()).map_err(|_| SampleError::Font)?;
            let new = self.glyphs.remap(old);
            self.used.insert(new, (c, advance));
            bytes.extend_from_slice(&new.to_be_bytes());
        }
        Ok(bytes)
    }

    /// Writes the composite font at `reference` and its parts at numbers from `next`.
    pub fn write(&self, pdf: &mut Pdf, reference: Ref, next: &mut Ref) -> Result<(), SampleError> {
        let [cid, descriptor, file, unicode] = std::array::from_fn(|_| next.bump());
        let subset =
            subsetter::subset(self.data, 0, &self.glyphs).map_err(|_| SampleError::Font)?;
        let parsed = FontRef::new(&subset).map_err(|_| SampleError::Font)?;
        let outlines = parsed
            .table_data(Tag::new(b"CFF "))
            .ok_or(SampleError::Font)?;
        let name = self.subset_name();
        let name = Name(name.as_bytes());

        pdf.type0_font(reference)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        let mut cid_font = pdf.cid_font(cid);
        cid_font
            .subtype(CidFontType::Type0)
            .base_font(name)
            .system_info(SYSTEM)
            .font_descriptor(descriptor);
        let mut widths = cid_font.widths();
        for (glyph, (_, advance)) in &self.used {
            widths.same(*glyph, *glyph, *advance);
        }
        widths.finish();
        cid_font.finish();
        self.write_descriptor(pdf, descriptor, file, name)?;
        pdf.stream(file, &deflate(outlines.as_bytes())?)
            .filter(Filter::FlateDecode)
            .pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        let mut map = UnicodeCmap::new(Name(b"Kapok-UCS"), SYSTEM);
        for (glyph, (c, _)) in &self.used {
            map.pair(*glyph, *c);
        }
        pdf.stream(unicode, &map.finish());
        Ok(())
    }

    fn write_descriptor(
        &self,
        pdf: &mut Pdf,
        id: Ref,
        file: Ref,
        name: Name<'_>,
    ) -> Result<(), SampleError> {
        let face = self.face()?;
        let metrics = face.metrics(Size::new(1000.0), LocationRef::default());
        let bounds = metrics.bounds.ok_or(SampleError::Font)?;
        let bold = face.attributes().weight.value() >= 600.0;
        pdf.font_descriptor(id)
            .name(name)
            .flags(FontFlags::SYMBOLIC | FontFlags::SERIF)
            .bbox(Rect::new(
                bounds.x_min,
                bounds.y_min,
                bounds.x_max,
                bounds.y_max,
            ))
            .italic_angle(0.0)
            .ascent(metrics.ascent)
            .descent(metrics.descent)
            .cap_height(metrics.cap_height.unwrap_or(metrics.ascent))
            .stem_v(if bold { 140.0 } else { 80.0 })
            .font_file3(file);
        Ok(())
    }

    /// Six letters and a plus sign mark a subset (ISO 32000-2 § 9.9.2).
    fn subset_name(&self) -> String {
        let mut sum = self.used.values().fold(0u64, |sum, (c, _)| {
            sum.wrapping_mul(31).wrapping_add(u64::from(u32::from(*c)))
        });
        let mut tag = String::new();
        for _ in 0..6 {
            tag.push(char::from(b'A' + u8::try_from(sum % 26).unwrap_or(0)));
            sum /= 26;
        }
        format!("{tag}+KapokSerifSC")
    }

    fn face(&self) -> Result<FontRef<'static>, SampleError> {
        FontRef::new(self.data).map_err(|_| SampleError::Font)
    }
}

fn deflate(data: &[u8]) -> Result<Vec<u8>, SampleError> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(data)
        .and_then(|()| encoder.finish())
        .map_err(|_| SampleError::Font)
}
