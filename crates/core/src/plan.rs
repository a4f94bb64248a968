//! What is known of the metrics of a plan: IDs, units and ranges; and which known ID an unknown one may have been.
//! No file format and no input: whoever reads a plan adds its items.
//!
//! Refuses to guess numbers: an ID whose digits differ from a known one's is probably another metric, so the known
//! one is named and nothing more.

mod near;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::finding::{Finding, Place};
use crate::rules::plan::METRIC_NOT_UPDATED;
use crate::text::quoted;
use crate::value::decimal::Decimal;
use crate::value::id::known_form;

use self::near::Index;

/// The unit of an item's metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// `$`
    Dollars,
    /// `%`
    Percent,
    /// `#`
    Number,
    /// In the plan's words.
    Other(String),
}

impl Unit {
    /// The unit that a word or a sign names.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word.trim().to_lowercase().as_str() {
            "$" | "dollar" | "dollars" | "currency" | "usd" => Self::Dollars,
            "%" | "percent" | "percentage" | "pct" => Self::Percent,
            "#" | "number" | "numeric" => Self::Number,
            _ => Self::Other(word.trim().to_owned()),
        }
    }

    /// The service's sign for it, or the plan's word.
    #[must_use]
    pub fn sign(&self) -> &str {
        match self {
            Self::Dollars => "$",
            Self::Percent => "%",
            Self::Number => "#",
            Self::Other(word) => word,
        }
    }
}

/// An item of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its External ID.
    pub id: String,
    /// The unit of its metric, if the plan gives one.
    pub unit: Option<Unit>,
    /// The least value, if the plan gives one; of a percentage as a fraction.
    pub minimum: Option<Decimal>,
    /// The greatest value, if the plan gives one; of a percentage as a fraction.
    pub maximum: Option<Decimal>,
}

/// Two items of a plan with one ID that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the ID {} has the {what} `{one}` and the {what} `{other}`; decide on one", quoted(id))]
pub struct Contradiction {
    /// The ID.
    pub id: String,
    /// In what they differ: `unit`, `minimum` or `maximum`.
    pub what: &'static str,
    /// What the earlier item says.
    pub one: String,
    /// What the later item says.
    pub other: String,
}

/// The metrics that are known, by their IDs.
#[derive(Debug, Default)]
pub struct Plan {
    items: Vec<Item>,
    places: HashMap<String, ItemIndex>,
    /// Made when the first unknown ID is asked for.
    index: OnceLock<Index>,
}

/// The place of an item in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemIndex(u32);

impl ItemIndex {
    fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// Which known IDs an unknown one may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nearest<'p> {
    /// None is near.
    None,
    /// Only this one, and the numbers in both are the same.
    One(&'p str),
    /// Only this one, but the numbers differ.
    OtherNumber(&'p str),
    /// Several, in the order of the plan.
    Several(Vec<&'p str>),
}

/// A finding for each metric of the plan that has no row (P001). Of the validator's it is no part, because a file
/// may have several tables.
#[must_use]
pub fn not_updated(plan: &Plan, updated: &Updated) -> Vec<Finding> {
    let ids = plan.not_updated(updated);
    ids.map(|id| {
        let message = format!("{} of the plan has no row in this file; add one", quoted(id));
        let external_id = Some(id.to_owned());
        Finding { external_id, ..Finding::new(&METRIC_NOT_UPDATED, Place::File, message) }
    })
    .collect()
}

/// The maximum of a percentage in whole percent.
static HUNDRED: Decimal = Decimal::HUNDRED;

impl Plan {
    /// Adds an item. Its ID counts without what the service takes in no ID: blanks around it, commas, quotation
    /// marks; an item without an ID is left out. Returns whether it is known now.
    ///
    /// # Errors
    /// [`Contradiction`] if the ID is known already with another unit or range. What only one of the two says
    /// counts for both.
    pub fn add(&mut self, item: Item) -> Result<bool, Contradiction> {
        let Some(id) = known_form(&item.id) else { return Ok(false) };
        if let Some(known) = self.places.get(&id).and_then(|index| self.items.get_mut(index.place())) {
            let contradiction =
                |what, one: String, other: String| Contradiction { id: id.clone(), what, one, other };
            if let (Some(one), Some(other)) = (&known.unit, &item.unit)
                && one != other
            {
                return Err(contradiction("unit", one.sign().to_owned(), other.sign().to_owned()));
            }
            for (what, one, other) in
                [("minimum", &known.minimum, &item.minimum), ("maximum", &known.maximum, &item.maximum)]
            {
                if let (Some(one), Some(other)) = (one, other)
                    && one != other
                {
                    return Err(contradiction(what, one.to_string(), other.to_string()));
                }
            }
            known.unit = known.unit.take().or(item.unit);
            known.minimum = known.minimum.take().or(item.minimum);
            known.maximum = known.maximum.take().or(item.maximum);
            return Ok(true);
        }
        let index = ItemIndex(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
        self.places.insert(id.clone(), index);
        self.items.push(Item { id, ..item });
        self.index = OnceLock::new();
        Ok(true)
    }

    /// The items, in the order in which they were added.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The place of the item with exactly this ID.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<ItemIndex> {
        self.places.get(id).copied()
    }

    /// Whether the item's metric is a percentage, and its maximum as a fraction if the plan gives one above 0.
    #[must_use]
    pub fn percentage(&self, id: &str) -> Option<Option<&Decimal>> {
        let item = self.items.get(self.find(id)?.place())?;
        let is_percentage = item.unit == Some(Unit::Percent);
        let maximum = item.maximum.as_ref().filter(|maximum| !maximum.is_zero() && !maximum.is_negative());
        // Beside a unit of `%` a maximum of 100 means 100 %: taken for the fraction it would let every whole
        // percentage pass for valid.
        is_percentage.then(|| if maximum == Some(&HUNDRED) { Some(&Decimal::ONE) } else { maximum })
    }

    /// Whether any metric is a percentage.
    #[must_use]
    pub fn has_percentages(&self) -> bool {
        self.items.iter().any(|item| item.unit == Some(Unit::Percent))
    }

    /// The known IDs near an unknown one: those that differ only in capitals, blanks, punctuation or leading
    /// zeros; if there are none, those from which one letter differs.
    #[must_use]
    pub fn nearest(&self, id: &str) -> Nearest<'_> {
        let index = self.index.get_or_init(|| Index::of(self.items.iter().map(|item| item.id.as_str())));
        let names = |places: Vec<u32>| -> Vec<&str> {
            let places = places.into_iter().filter_map(|at| usize::try_from(at).ok());
            places.filter_map(|at| self.items.get(at)).map(|item| item.id.as_str()).collect()
        };
        let (near, has_same_numbers) = index.near(id);
        match (names(near).as_slice(), has_same_numbers) {
            ([], _) => Nearest::None,
            ([id], true) => Nearest::One(id),
            ([id], false) => Nearest::OtherNumber(id),
            (several, _) => Nearest::Several(several.to_vec()),
        }
    }

    /// The IDs of the items that are not among those updated.
    pub fn not_updated<'p>(&'p self, updated: &'p Updated) -> impl Iterator<Item = &'p str> {
        let items = self.items.iter().enumerate();
        items.filter(|(at, _)| !updated.contains(*at)).map(|(_, item)| item.id.as_str())
    }
}

/// Which items of a plan have a row: a bit for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updated(Vec<u64>);

const BITS: usize = 64;

impl Updated {
    /// Remembers that an item has a row.
    pub fn add(&mut self, item: ItemIndex) {
        let (word, bit) = (item.place() / BITS, item.place() % BITS);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Remembers all items of another stretch of rows.
    pub fn add_all(&mut self, other: &Self) {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    fn contains(&self, place: usize) -> bool {
        self.0.get(place / BITS).is_some_and(|word| word & (1 << (place % BITS)) != 0)
    }
}

#[cfg(test)]
mod tests;
