//! Multiples of one point by several scalars, secret ones too: the doublings, which are most of the work, are shared.
//!
//! A scalar is 65 digits of radix 16, from -8 to 8. Tables of 1 to 8 times 16^(5 t) P for t = 0 to 12 serve every fifth digit each, so that a
//! multiple takes 65 additions and 16 doublings instead of 256. Digits are looked up in constant time, by `primeorder`.

use p256::elliptic_curve::group::Group;
use p256::{NistP256, ProjectivePoint, Scalar};
use primeorder::{LookupTable, Radix16Decomposition, Radix16Digits};

/// Digits that share a table.
const STRIDE: usize = 5;
/// Tables: `STRIDE * TABLES` digits.
const TABLES: usize = 13;

/// A point, ready to be multiplied more than once.
pub(crate) struct Multiples([LookupTable<ProjectivePoint>; TABLES]);

impl Multiples {
    pub(crate) fn new(point: ProjectivePoint) -> Self {
        let mut point = point;
        let mut first = true;
        Self([(); TABLES].map(|()| {
            if !first {
                point = doubled(point, 4 * STRIDE);
            }
            first = false;
            LookupTable::new(point)
        }))
    }

    /// `scalar` times the point. Its time depends on nothing.
    pub(crate) fn times(&self, scalar: &Scalar) -> ProjectivePoint {
        let digits = Radix16Decomposition::<Radix16Digits<NistP256>>::new(scalar);
        let mut sum = ProjectivePoint::IDENTITY;
        for place in (0..STRIDE).rev() {
            if place + 1 < STRIDE {
                sum = doubled(sum, 4);
            }
            for (table, at) in self.0.iter().zip(0..) {
                sum += table.select(digits[STRIDE * at + place]);
            }
        }
        sum
    }
}

fn doubled(point: ProjectivePoint, times: usize) -> ProjectivePoint {
    (0..times).fold(point, |point, _| point.double())
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::elliptic_curve::PrimeField;
    use proptest::prelude::*;

    fn scalar(bytes: [u8; 32]) -> Option<Scalar> {
        Option::from(Scalar::from_repr(bytes.into()))
    }

    #[test]
    fn edges_of_the_scalars() {
        let point = ProjectivePoint::GENERATOR * Scalar::from(7u64);
        let table = Multiples::new(point);
        let mut edges = vec![Scalar::ZERO, Scalar::ONE, -Scalar::ONE, -Scalar::from(2u64)];
        for digit in [7u8, 8, 9, 15] {
            let byte = digit << 4 | digit;
            edges.extend(scalar([byte; 32]).or_else(|| scalar([byte & 0x7f; 32])));
        }
        for scalar in edges {
            assert_eq!(table.times(&scalar), point * scalar);
        }
        let none = Multiples::new(ProjectivePoint::IDENTITY);
        assert_eq!(none.times(&Scalar::from(5u64)), ProjectivePoint::IDENTITY);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn as_the_library_multiplies(base: u64, bytes: [u8; 32]) {
            let point = ProjectivePoint::mul_by_generator(&Scalar::from(base));
            if let Some(scalar) = scalar(bytes) {
                prop_assert_eq!(Multiples::new(point).times(&scalar), point * scalar);
            }
        }
    }
}
