//! Figures as pictures: bars whose numbers stand beside them, narrow enough for a telephone. Pure.

use plotters::prelude::*;

use super::views::{Accountability, AccountabilityFigures};
use crate::platform::error::Result;

/// What the whole is called beside its offices.
pub const WHOLE: &str = "The whole council";
/// As wide as the narrowest screen leaves room.
const WIDTH: i32 = 288;
const ROW: i32 = 46;
const TOP: i32 = 6;
const LEGEND: i32 = 20;
/// Letters of a name that have room.
const LETTERS: usize = 38;

// The style sheet of pages knows these colours, and gives others where it is dark.
const ON_TIME: RGBColor = RGBColor(0x0b, 0x5c, 0x4a);
const ADDED: RGBColor = RGBColor(0x3f, 0x7f, 0xb5);
const LATE: RGBColor = RGBColor(0xb3, 0x5c, 0x00);
const MISSING: RGBColor = RGBColor(0x8a, 0x1c, 0x1c);

/// The pictures of a page.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Plots {
    /// Answers of each office, by whether they were on time.
    pub answers: String,
    /// How long answers took.
    pub days: String,
}

/// The pictures of these figures.
///
/// # Errors
/// What the library answers.
pub fn plots(view: &Accountability) -> Result<Plots> {
    let whole = view.council.as_ref().map(|figures| (WHOLE, figures));
    let offices = view.offices.iter().map(|one| (one.office.as_str(), &one.figures));
    let rows: Vec<(&str, &AccountabilityFigures)> = whole.into_iter().chain(offices).collect();
    Ok(Plots { answers: answers(&rows)?, days: days(&rows)? })
}

/// Draws on an area of so many rows with a legend below, and says what it shows to those who do not see it.
fn picture(
    rows: usize,
    legend: &[(&str, RGBColor)],
    told: &str,
    draw: impl FnOnce(&mut Pen<'_>) -> anyhow::Result<()>,
) -> Result<String> {
    let rows = i32::try_from(rows).unwrap_or(0).saturating_mul(ROW);
    let height = TOP + rows + LEGEND * i32::try_from(legend.len()).unwrap_or(0) + TOP;
    let mut svg = String::new();
    {
        let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
        let mut pen = Pen { area: SVGBackend::with_string(&mut svg, size).into_drawing_area() };
        draw(&mut pen)?;
        for (place, (name, colour)) in (0_i32..).zip(legend) {
            let top = TOP + rows + place * LEGEND;
            pen.bar((0, top), (12, 12), *colour)?;
            pen.text(name, (18, top), 16)?;
        }
        pen.area.present().map_err(|fault| anyhow::anyhow!("a picture of figures: {fault}"))?;
    }
    // The library knows nothing of those who do not see.
    Ok(svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{told}\" "), 1))
}

struct Pen<'a> {
    area: DrawingArea<SVGBackend<'a>, plotters::coord::Shift>,
}

impl Pen<'_> {
    fn bar(&mut self, (left, top): (i32, i32), (wide, high): (i32, i32), colour: RGBColor) -> anyhow::Result<()> {
        if wide > 0 {
            let shape = Rectangle::new([(left, top), (left + wide, top + high)], colour.filled());
            self.area.draw(&shape).map_err(|fault| anyhow::anyhow!("a bar: {fault}"))?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: (i32, i32), size: i32) -> anyhow::Result<()> {
        let text = Text::new(text.to_owned(), at, ("sans-serif", size).into_font().color(&BLACK));
        self.area.draw(&text).map_err(|fault| anyhow::anyhow!("a word: {fault}"))
    }
}

fn short(name: &str) -> String {
    match name.chars().count() > LETTERS {
        true => name.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

/// So much of a width; at least a pixel of what there is.
fn wide(part: i64, most: i64, width: i32) -> i32 {
    let wide = part.saturating_mul(width.into()).checked_div(most).unwrap_or(0);
    i32::try_from(wide).unwrap_or(width).max(i32::from(part > 0))
}

fn answers(rows: &[(&str, &AccountabilityFigures)]) -> Result<String> {
    const LEGENDS: [(&str, RGBColor); 4] =
        [("on time", ON_TIME), ("only in added time", ADDED), ("late", LATE), ("missing and late", MISSING)];
    let parts = |of: &AccountabilityFigures| {
        let answers = &of.answers;
        [answers.on_time, answers.in_added_time, answers.late, answers.unanswered_late]
    };
    let most = rows.iter().map(|(_, of)| of.answers.kept.sample).max().unwrap_or(0);
    picture(rows.len(), &LEGENDS, "Answers by whether they were on time, as in the table below", |pen| {
        for (place, (name, of)) in (0_i32..).zip(rows) {
            let top = TOP + place * ROW;
            pen.text(&short(name), (0, top), 17)?;
            let mut left = 0;
            for (part, (_, colour)) in parts(of).into_iter().zip(LEGENDS) {
                let wide = wide(part, most, WIDTH - 40);
                pen.bar((left, top + 18), (wide, 14), colour)?;
                left += wide;
            }
            pen.text(&of.answers.kept.sample.to_string(), (left + 6, top + 18), 16)?;
        }
        Ok(())
    })
}

fn days(rows: &[(&str, &AccountabilityFigures)]) -> Result<String> {
    const LEGENDS: [(&str, RGBColor); 2] = [("half came within", ON_TIME), ("nine in ten came within", ADDED)];
    let tenths = |days: Option<f64>| days.map(|days| (days, format!("{days:.1}")));
    let most = rows.iter().filter_map(|(_, of)| of.days_to_answer.ninetieth_percentile).fold(0.0, f64::max);
    picture(rows.len(), &LEGENDS, "Days to an answer, as in the table below", |pen| {
        for (place, (name, of)) in (0_i32..).zip(rows) {
            let top = TOP + place * ROW;
            pen.text(&short(name), (0, top), 17)?;
            let took = &of.days_to_answer;
            let two = [(tenths(took.median), ON_TIME), (tenths(took.ninetieth_percentile), ADDED)];
            if took.withheld.is_some() {
                pen.text("too few to tell", (0, top + 18), 16)?;
                continue;
            }
            for (line, (days, colour)) in (0_i32..).zip(two) {
                let Some((days, told)) = days else { continue };
                let (top, wide) = (top + 17 + line * 13, pixels(days, most));
                pen.bar((0, top), (wide, 9), colour)?;
                pen.text(&told, (wide + 6, top - 2), 15)?;
            }
        }
        Ok(())
    })
}

/// A number of days as a width; by whole tenths, for a picture has no finer ones.
fn pixels(days: f64, most: f64) -> i32 {
    let share = if most > 0.0 { days / most } else { 0.0 };
    (0..=WIDTH - 44).rev().find(|wide| f64::from(*wide) <= share * f64::from(WIDTH - 44)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_a_small_part_is_seen() {
        assert_eq!(short("Streets"), "Streets");
        assert_eq!(short(&"x".repeat(80)).chars().count(), LETTERS);
        assert_eq!((wide(0, 1_000, 100), wide(1, 1_000, 100), wide(500, 1_000, 100), wide(0, 0, 100)), (0, 1, 50, 0));
        assert_eq!((pixels(10.0, 10.0), pixels(0.0, 0.0)), (WIDTH - 44, 0));
    }
}
