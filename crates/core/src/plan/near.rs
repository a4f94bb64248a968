//! Finds the known IDs near an unknown one without comparing it with each of them: IDs in their normal form by
//! hash, and IDs from which one letter differs by what they and the unknown one have in common without a letter.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Longer normal forms, in characters, are not compared letter by letter.
const LONGEST: usize = 100;
/// In shorter ones a single letter is too much of the whole.
const SHORTEST: usize = 3;
/// More candidates than these are not looked at; several near ones are reported without a fix in any case.
const MOST_CANDIDATES: usize = 256;

/// The IDs of a plan, by what they have in common with others.
#[derive(Debug, Default)]
pub(super) struct Index {
    forms: Vec<String>,
    by_form: HashMap<String, Vec<u32>>,
    /// The hash of each form, whole and without each of its characters, with its place. Sorted.
    shortened: Vec<(u64, u32)>,
}

impl Index {
    pub(super) fn of<'i>(ids: impl Iterator<Item = &'i str>) -> Self {
        let mut index = Self::default();
        for (at, id) in ids.enumerate() {
            let Ok(at) = u32::try_from(at) else { break };
            let form = normal_form(id);
            index.shortened.extend(shortened(&form).map(|hash| (hash, at)));
            index.by_form.entry(form.clone()).or_default().push(at);
            index.forms.push(form);
        }
        index.shortened.sort_unstable();
        index.shortened.dedup();
        index
    }

    /// The places of the near IDs, and whether the numbers in them are those of the ID.
    pub(super) fn near(&self, id: &str) -> (Vec<u32>, bool) {
        let form = normal_form(id);
        if form.is_empty() {
            return (Vec::new(), false);
        }
        if let Some(same) = self.by_form.get(&form) {
            return (same.clone(), true);
        }
        let mut candidates: Vec<u32> = shortened(&form)
            .flat_map(|hash| {
                let start = self.shortened.partition_point(|(known, _)| *known < hash);
                let tail = self.shortened.get(start..).unwrap_or_default();
                tail.iter().take_while(move |(known, _)| *known == hash).map(|(_, at)| *at)
            })
            .take(MOST_CANDIDATES)
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let form_of = |at: &u32| usize::try_from(*at).ok().and_then(|at| self.forms.get(at));
        candidates.retain(|at| form_of(at).is_some_and(|known| is_within_one(known, &form)));
        let has_same_numbers = |at: &u32| form_of(at).is_some_and(|known| numbers(known).eq(numbers(&form)));
        let same: Vec<u32> = candidates.iter().copied().filter(has_same_numbers).collect();
        if same.is_empty() { (candidates, false) } else { (same, true) }
    }
}

/// The ID without capitals, blanks, punctuation and leading zeros; numbers that punctuation divides stay divided.
pub(super) fn normal_form(id: &str) -> String {
    let mut form = String::with_capacity(id.len());
    let mut was_divided = false;
    // Zeros are held back until it is known whether a digit follows them.
    let mut has_zero = false;
    for character in id.chars().flat_map(char::to_lowercase) {
        if !character.is_alphanumeric() {
            was_divided = true;
            continue;
        }
        let follows_digit = form.ends_with(|last: char| last.is_ascii_digit()) || has_zero;
        let begins_number = character.is_ascii_digit() && (was_divided || !follows_digit);
        if has_zero && (begins_number || !character.is_ascii_digit()) {
            form.push('0');
            has_zero = false;
        }
        if begins_number && follows_digit {
            form.push(' ');
        }
        was_divided = false;
        if character == '0' && (begins_number || has_zero) {
            has_zero = true;
        } else {
            has_zero = false;
            form.push(character);
        }
    }
    if has_zero {
        form.push('0');
    }
    form
}

/// The numbers in a normal form.
fn numbers(form: &str) -> impl Iterator<Item = &str> {
    form.split(|character: char| !character.is_ascii_digit()).filter(|number| !number.is_empty())
}

/// The hashes of the form and of all that it leaves without one of its characters; none if it is too short or too
/// long to be compared by letters.
fn shortened(form: &str) -> impl Iterator<Item = u64> {
    let length = form.chars().take(LONGEST + 1).count();
    let compared = Some(form).filter(|_| (SHORTEST..=LONGEST).contains(&length));
    let without = compared.into_iter().flat_map(str::char_indices).map(|(at, character)| {
        let (before, after) = (form.get(..at), form.get(at + character.len_utf8()..));
        hash(before.unwrap_or_default(), after.unwrap_or_default())
    });
    compared.map(|form| hash(form, "")).into_iter().chain(without)
}

fn hash(before: &str, after: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for byte in before.bytes().chain(after.bytes()) {
        byte.hash(&mut hasher);
    }
    hasher.finish()
}

/// Whether the texts differ in one character that is another, missing or too much, or in two that changed places.
fn is_within_one(one: &str, two: &str) -> bool {
    let prefix: usize =
        one.chars().zip(two.chars()).take_while(|(one, two)| one == two).map(|(one, _)| one.len_utf8()).sum();
    let (one, two) = (one.get(prefix..).unwrap_or_default(), two.get(prefix..).unwrap_or_default());
    let ends = one.chars().rev().zip(two.chars().rev());
    let suffix: usize = ends.take_while(|(one, two)| one == two).map(|(one, _)| one.len_utf8()).sum();
    let middle = |text: &str| -> Vec<char> {
        text.get(..text.len() - suffix).unwrap_or_default().chars().take(3).collect()
    };
    match (middle(one).as_slice(), middle(two).as_slice()) {
        ([] | [_], [] | [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        (_, _) => false,
    }
}
