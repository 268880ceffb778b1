//! What two makers cannot keep alike, so that it is no difference between their collections: declared
//! before anything is compared, and listed in the report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A tolerance and why it is there, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declared {
    /// What it is about: `vector ""`, `ids`, `floats`.
    pub about: String,
    /// What is overlooked, a clause.
    pub overlooks: String,
    /// Why, the maker's own reason.
    pub reason: String,
}

/// How near the numbers of one vector field have to be: `|x - y| <= absolute + relative * max(|x|, |y|)`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct VectorTolerance {
    /// Both are brought to the length 1 first, because one side keeps no other length.
    pub unit_length: bool,
    /// As a number.
    pub absolute: f64,
    /// As a part of the greater one.
    pub relative: f64,
}

impl VectorTolerance {
    /// For a side that keeps vectors at the length 1.
    pub const UNIT: Self = Self { unit_length: true, absolute: 1e-6, relative: 0.0 };
    /// For a side that keeps vectors at the length 1, and gives them back at the length that they had: two roundings of
    /// 32-bit floats, and that of the length; the absolute part is for those too small to survive the first.
    pub const RESCALED: Self = Self { unit_length: false, absolute: 1e-30, relative: 1e-6 };
    /// For a side that keeps numbers of 16 bits with 11 digits; the absolute part is for those too small to have 11.
    pub const HALF: Self = Self { unit_length: false, absolute: 3.0e-8, relative: 1.0 / 2048.0 };
    /// For a side that keeps numbers of 16 bits with 8 digits.
    pub const BRAIN: Self = Self { unit_length: false, absolute: 0.0, relative: 1.0 / 256.0 };

    /// Both tolerances at once.
    pub fn and(self, other: Self) -> Self {
        Self {
            unit_length: self.unit_length || other.unit_length,
            absolute: self.absolute + other.absolute,
            relative: self.relative + other.relative,
        }
    }

    /// Whether two rows of numbers are near enough. NaN is near NaN.
    pub fn allows(self, one: &[f32], other: &[f32]) -> bool {
        let (of_one, of_other) = (self.scale(one), self.scale(other));
        let near = |x: f64, y: f64| {
            let most = self.absolute + self.relative * x.abs().max(y.abs());
            (x - y).abs() <= most || x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
        };
        one.len() == other.len()
            && one.iter().zip(other).all(|(x, y)| near(f64::from(*x) * of_one, f64::from(*y) * of_other))
    }

    /// What brings these to the length 1; 1 where that cannot be or is not wanted.
    fn scale(self, values: &[f32]) -> f64 {
        if !self.unit_length {
            return 1.0;
        }
        let norm = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        if norm > 0.0 && norm.is_finite() { 1.0 / norm } else { 1.0 }
    }
}

/// Numbers of 16 bits, of one sort or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Short {
    /// IEEE 754 half precision: 11 binary digits.
    Half,
    /// bfloat16: 8 binary digits.
    Brain,
}

impl Short {
    /// How near such numbers are to those of 32 bits that they were made of.
    pub fn tolerance(self) -> VectorTolerance {
        match self {
            Self::Half => VectorTolerance::HALF,
            Self::Brain => VectorTolerance::BRAIN,
        }
    }

    /// What is overlooked with them, a clause.
    pub fn overlooks(self) -> &'static str {
        match self {
            Self::Half => "2^-11 of each number",
            Self::Brain => "2^-8 of each number",
        }
    }

    /// What they are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Half => "numbers of 16 bits",
            Self::Brain => "bfloat16 numbers",
        }
    }
}

/// All that is overlooked. The default overlooks nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tolerances {
    /// By the name of the vector, as the second side has it; those without an entry agree in each bit.
    pub vectors: BTreeMap<String, VectorTolerance>,
    /// How near floats of payloads have to be, as a part of the greater one; `None` is each bit.
    pub floats: Option<f64>,
    /// A float without a fraction is as the integer.
    pub whole_floats: bool,
    /// The float -0.0 is as 0.0.
    pub negative_zeros: bool,
    /// An integer is as the float that is nearest to it.
    pub integers_as_floats: bool,
    /// null and an empty array are as a missing key.
    pub nulls: bool,
    /// A whole number as an id is as its text.
    pub integer_ids: bool,
    /// A UUID as an id is as its text, in small letters with hyphens.
    pub uuid_ids: bool,
    /// Records of the first, of the second side are taken for what they were before a copy, as that has noted it.
    pub noted: (bool, bool),
    /// The same for people, each with its reason.
    pub declared: Vec<Declared>,
}

/// For a side that reads some floats of payloads with an error in the last place.
pub const LAST_PLACE: f64 = f64::EPSILON * 2.0;

impl Tolerances {
    /// Whether two floats of payloads are near enough.
    pub fn allows_floats(&self, x: f64, y: f64) -> bool {
        let most = self.floats.unwrap_or(0.0) * x.abs().max(y.abs());
        x.to_bits() == y.to_bits() || self.floats.is_some() && (x - y).abs() <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tolerance_ends_where_it_is_said_to() {
        let unit = VectorTolerance::UNIT;
        assert!(unit.allows(&[3.0, 4.0], &[0.6, 0.8]), "the length is overlooked");
        assert!(unit.allows(&[0.6, 0.8], &[0.600_000_5, 0.8]));
        assert!(!unit.allows(&[0.6, 0.8], &[0.600_005, 0.8]));
        assert!(!unit.allows(&[0.6, 0.8], &[0.8, 0.6]));
        assert!(unit.allows(&[0.0, 0.0], &[0.0, 0.0]));
        assert!(!unit.allows(&[1.0], &[1.0, 0.0]));
        let rescaled = VectorTolerance::RESCALED;
        assert!(rescaled.allows(&[3.0, 4.0], &[3.000_001, 4.0]));
        assert!(!rescaled.allows(&[3.0, 4.0], &[3.000_01, 4.0]));
        assert!(!rescaled.allows(&[3.0, 4.0], &[0.6, 0.8]), "the length counts");
        let half = VectorTolerance::HALF;
        let kept = half::f16::from_f32(0.1).to_f32();
        assert!(half.allows(&[0.1], &[kept]) && half.allows(&[1e-7], &[half::f16::from_f32(1e-7).to_f32()]));
        assert!(!half.allows(&[0.1], &[0.1002]));
        let exact = VectorTolerance::default();
        assert!(exact.allows(&[f32::NAN, 1.0], &[f32::NAN, 1.0]));
        assert!(!exact.allows(&[1.0], &[1.000_000_1]));
    }

    #[test]
    fn floats_agree_in_each_bit_unless_declared() {
        let next = 0.1_f64.next_up();
        assert!(!Tolerances::default().allows_floats(0.1, next));
        assert!(!Tolerances::default().allows_floats(0.0, -0.0));
        let lenient = Tolerances { floats: Some(LAST_PLACE), ..Tolerances::default() };
        assert!(lenient.allows_floats(0.1, next));
        assert!(!lenient.allows_floats(0.1, 0.100_000_000_000_001));
    }
}
