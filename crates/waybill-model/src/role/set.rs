//! Several roles at once.

use super::Role;

/// A set of roles: those that somebody has on one resource, or those of which one is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleSet(u16);

impl RoleSet {
    pub const NONE: Self = Self(0);

    pub const fn of(roles: &[Role]) -> Self {
        let mut set = Self::NONE;
        let mut at = 0;
        while at < roles.len() {
            set = set.with(roles[at]);
            at += 1;
        }
        set
    }

    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u16)
    }

    /// Returns the roles of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True when the two have a role in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn contains(self, role: Role) -> bool {
        self.meets(Self::NONE.with(role))
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }

    /// Returns the set as a number, in which each role is the power of two of its place in [`Role::ALL`].
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Reads such a number; what is no role in it is left out.
    pub fn from_bits(bits: u16) -> Self {
        Self(Role::ALL.into_iter().map(|role| Self::NONE.with(role).0 & bits).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_knows_its_roles() {
        let set = RoleSet::of(&[Role::Viewer, Role::Auditor]);
        assert!(set.iter().eq([Role::Viewer, Role::Auditor]));
        assert!(set.contains(Role::Auditor) && !set.contains(Role::Owner));
        assert_eq!(set.and(RoleSet::of(&[Role::Owner])), set.with(Role::Owner));
        assert!(set.meets(RoleSet::of(&[Role::Owner, Role::Viewer])));
        assert!(!set.meets(RoleSet::of(&[Role::Owner])) && !set.meets(RoleSet::NONE));
        assert!(RoleSet::NONE.is_empty() && !set.is_empty());
        assert_eq!(RoleSet::from_bits(set.bits()), set);
        assert_eq!(RoleSet::from_bits(u16::MAX), RoleSet::of(&Role::ALL));
        assert_eq!(RoleSet::of(&Role::ALL).bits(), 0b1_1111_1111);
    }
}
