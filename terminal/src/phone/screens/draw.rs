//! Lays the shown screen's sheet out on the terminal.

use super::model::{Phone, Screen};
use super::pages::{certificates, home, invite, phones};
use super::pictures::Pictures;
use super::sheet::{AMBER, DIM, GREEN, RED, Sheet};
use super::texts::Text;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Paragraph, Wrap};

/// Draws the phone.
pub fn draw(frame: &mut Frame<'_>, phone: &Phone, pictures: &Pictures) {
    let Some(sheet) = phone.screens.last().map(|screen| sheet(phone, screen)) else {
        return;
    };
    let help = help(&sheet, frame.area().width.saturating_sub(4));
    let height = u16::try_from(help.len()).unwrap_or(u16::MAX);
    let title = Line::from(vec![
        Span::styled(
            " 木棉 Kapok ",
            Style::new()
                .fg(Color::LightRed)
                .add_modifier(Modifier::BOLD),
        ),
        Span::styled(
            format!("· {} ", sheet.title),
            Style::new().add_modifier(Modifier::BOLD),
        ),
    ]);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .title(title);
    let inner = block.inner(frame.area());
    frame.render_widget(block, frame.area());
    let padded = Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    };
    let areas = Layout::vertical([
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(height),
    ]);
    let [body, notice, keys] = areas.areas(padded);
    draw_body(frame, body, &sheet, pictures);
    draw_notice(frame, notice, phone);
    frame.render_widget(Paragraph::new(help), keys);
}

fn sheet(phone: &Phone, screen: &Screen) -> Sheet {
    let cx = &phone.cx;
    match screen {
        Screen::Home(menu) => menu.sheet(cx, Text::Home, &home::home(cx)),
        Screen::Mine(menu) => menu.sheet(cx, Text::Mine, &home::mine(cx)),
        Screen::Settings(menu) => menu.sheet(cx, Text::Settings, &home::settings(cx)),
        Screen::Login(menu) => menu.sheet(cx, Text::Login, &home::ways(cx)),
        Screen::Privacy(page) => page.sheet(cx),
        Screen::Face(page) => page.sheet(cx),
        Screen::Identity(form)
        | Screen::Password(form)
        | Screen::AddEnterprise(form)
        | Screen::AskLink(form)
        | Screen::AddAgent(form)
        | Screen::OpenLink(form)
        | Screen::ReportByCode(form)
        | Screen::StopReset(form) => form.sheet(cx.lang),
        Screen::Enterprises(page) => page.sheet(cx),
        Screen::Search(page) => page.sheet(cx),
        Screen::Links(page) => page.sheet(cx),
        Screen::Agents(page) => page.sheet(cx),
        Screen::Share(page) => page.sheet(cx),
        Screen::Invite(page) => invite::sheet(cx, page),
        Screen::Consent(page) => page.sheet(cx),
        Screen::PinMenu(menu) => menu.sheet(cx, Text::PinSettings, &home::pin(cx)),
        Screen::PinSet(page) => page.sheet(cx),
        Screen::PinEnter(pin, what) => pin.sheet(cx, *what),
        Screen::Phones(page) => page.sheet(cx),
        Screen::RevocationCode(code) => phones::code_sheet(cx, code),
        Screen::Certificates(page) => page.sheet(cx),
        Screen::Certificate(page) => certificates::detail(cx, page),
        Screen::Seals(page) => page.sheet(cx),
        Screen::SealPreview(page) => page.sheet(cx),
        Screen::Scan(page) => page.sheet(cx),
        Screen::Session(page) => page.sheet(cx),
        Screen::Confirm(page) => page.sheet(cx),
    }
}

/// Rows on top, scrolled so that the chosen one is in view; the picture gets the rest.
fn draw_body(frame: &mut Frame<'_>, area: Rect, sheet: &Sheet, pictures: &Pictures) {
    let heights: Vec<u16> = sheet
        .rows
        .iter()
        .map(|row| rows_of(row, area.width))
        .collect();
    let total = heights
        .iter()
        .fold(0u16, |sum, height| sum.saturating_add(*height));
    let (text, rest) = match &sheet.picture {
        Some(_) => {
            let [text, rest] =
                Layout::vertical([Constraint::Length(total), Constraint::Min(1)]).areas(area);
            (text, rest)
        }
        None => (area, Rect::default()),
    };
    let above: u16 = heights
        .iter()
        .take(sheet.focus + 1)
        .fold(0u16, |sum, height| sum.saturating_add(*height));
    let scroll = above.saturating_sub(text.height);
    let rows = Paragraph::new(sheet.rows.clone())
        .wrap(Wrap { trim: false })
        .scroll((scroll, 0));
    frame.render_widget(rows, text);
    if let Some(picture) = &sheet.picture {
        pictures.draw(frame, rest, picture);
    }
}

fn draw_notice(frame: &mut Frame<'_>, area: Rect, phone: &Phone) {
    let line = match &phone.notice {
        Some(notice) if notice.good => Line::styled(format!("✓ {}", notice.text), GREEN),
        Some(notice) => Line::styled(format!("✗ {}", notice.text), RED),
        None if phone.busy > 0 => Line::styled(Text::Busy.of(phone.cx.lang), AMBER),
        None => return,
    };
    frame.render_widget(line, area);
}

/// The keys in as many rows as they need; a key stays with what it does.
fn help(sheet: &Sheet, width: u16) -> Vec<Line<'static>> {
    let mut rows = vec![Line::default()];
    for (key, text) in &sheet.help {
        let one = [
            Span::styled(format!("[{key}] "), Style::new().fg(Color::Cyan)),
            Span::styled(text.clone(), DIM),
        ];
        let wide: usize = one.iter().map(Span::width).sum();
        let here = rows.last().map_or(0, Line::width);
        if here > 0 && here + 2 + wide > usize::from(width) {
            rows.push(Line::default());
        }
        if let Some(row) = rows.last_mut() {
            if row.width() > 0 {
                row.push_span("  ");
            }
            one.into_iter().for_each(|span| row.push_span(span));
        }
    }
    rows
}

/// Rows that a line takes at a width; one too many is harmless.
fn rows_of(line: &Line<'_>, width: u16) -> u16 {
    let wide = u16::try_from(line.width()).unwrap_or(u16::MAX);
    wide.div_ceil(width.max(1)).max(1)
}
