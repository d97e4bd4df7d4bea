//! Looking up who is behind identifiers, many at once.

use std::collections::BTreeMap;

use waybill_model::{
    ids::{OrganizationId, PrincipalId, Uid},
    principal::PrincipalKind,
};

use crate::{
    error::Result,
    groups::Group,
    identity::{Principal, RoleBinding},
    row::Row,
    tx::{Both, Tx, of_rows},
    users::User,
    value::id_list,
};

/// A principal of whichever kind, with what only its kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Service(Principal),
    User(User),
    Group(Group),
}

macro_rules! entries {
    ($uids:literal) => {
        concat!(
            "SELECT p.id, p.uid, p.kind, p.organization_id, o.uid, j.uid, p.name, p.created_at,
                    u.full_name, u.issuer, u.subject, u.password_hash IS NOT NULL, u.updated_at,
                    g.display_name, g.description, g.external_name, g.updated_at,
                    (SELECT COUNT(*) FROM group_members m WHERE m.group_id = g.principal_id)
               FROM ",
            $uids,
            " s JOIN principals p ON p.uid = s.uid
               JOIN organizations o ON o.id = p.organization_id
               LEFT JOIN projects j ON j.id = p.project_id
               LEFT JOIN users u ON u.principal_id = p.id
               LEFT JOIN user_groups g ON g.principal_id = p.id
              WHERE p.organization_id = $2"
        )
    };
}

// A set of identifiers is one JSON array: SQLite has no arrays, PostgreSQL no `json_each`.
const ENTRIES: Both = Both {
    sqlite: entries!("(SELECT DISTINCT value AS uid FROM json_each($1))"),
    postgres: entries!(
        "(SELECT DISTINCT value AS uid FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)) j (value))"
    ),
};
const MEMBERSHIPS: Both = of_rows!(
    ["m.member_id, g.uid"]["
    JOIN group_members m ON m.member_id = j.id
    JOIN principals g ON g.id = m.group_id
   ORDER BY m.member_id, m.group_id"]
);
const BINDINGS: Both = of_rows!(
    ["r.role, o.uid, COALESCE(pj.uid, bj.uid), b.name, u.name, r.principal_id"]["
    JOIN role_bindings r ON r.principal_id = j.id
    LEFT JOIN organizations o ON o.id = r.organization_id
    LEFT JOIN projects pj ON pj.id = r.project_id
    LEFT JOIN buckets b ON b.id = r.bucket_id
    LEFT JOIN projects bj ON bj.id = b.project_id
    LEFT JOIN principals u ON u.id = r.group_id
   ORDER BY r.id"]
);

impl Tx<'_> {
    /// Those of the identifiers that somebody in the organization has, in no order.
    pub fn entries(&mut self, organization: OrganizationId, uids: &[Uid]) -> Result<Vec<Entry>> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let uids: Vec<&str> = uids.iter().map(Uid::as_str).collect();
        let uids = serde_json::to_string(&uids).expect("texts are JSON");
        self.many(ENTRIES, &[uids.into(), organization.into()], Entry::from_row)
    }

    /// The identifiers of the groups that people are in. Who is in none is not in the map.
    pub fn memberships(&mut self, people: &[PrincipalId]) -> Result<BTreeMap<PrincipalId, Vec<String>>> {
        let mut groups: BTreeMap<PrincipalId, Vec<String>> = BTreeMap::new();
        if people.is_empty() {
            return Ok(groups);
        }
        let people = id_list(people.iter().map(|person| person.0));
        let found = self.many(MEMBERSHIPS, &[people], |row| Ok((PrincipalId(row.int(0)?), row.text(1)?)))?;
        for (person, group) in found {
            groups.entry(person).or_default().push(group);
        }
        Ok(groups)
    }

    /// The roles that principals have of their own. Who has none is not in the map.
    pub fn role_bindings_of(
        &mut self,
        principals: &[PrincipalId],
    ) -> Result<BTreeMap<PrincipalId, Vec<RoleBinding>>> {
        let mut bindings: BTreeMap<PrincipalId, Vec<RoleBinding>> = BTreeMap::new();
        if principals.is_empty() {
            return Ok(bindings);
        }
        let principals = id_list(principals.iter().map(|principal| principal.0));
        let found = self.many(BINDINGS, &[principals], |row| {
            Ok((PrincipalId(row.int(5)?), RoleBinding::from_row(row)?))
        })?;
        for (principal, binding) in found {
            bindings.entry(principal).or_default().push(binding);
        }
        Ok(bindings)
    }
}

impl Entry {
    pub fn id(&self) -> PrincipalId {
        match self {
            Self::Service(Principal { id, .. })
            | Self::User(User { id, .. })
            | Self::Group(Group { id, .. }) => *id,
        }
    }

    pub fn uid(&self) -> &str {
        match self {
            Self::Service(Principal { uid, .. })
            | Self::User(User { uid, .. })
            | Self::Group(Group { uid, .. }) => uid,
        }
    }

    fn from_row(row: &Row<'_>) -> Result<Self> {
        let (id, uid) = (PrincipalId(row.int(0)?), row.text(1)?);
        let (organization, organization_uid) = (OrganizationId(row.int(3)?), row.text(4)?);
        let created_at = row.time(7)?;
        Ok(match row.parse(2, "a kind of principal")? {
            kind @ PrincipalKind::Service => Self::Service(Principal {
                id,
                uid,
                kind,
                organization,
                organization_uid,
                project_uid: row.opt_text(5)?,
                name: row.text(6)?,
                created_at,
            }),
            PrincipalKind::User => Self::User(User {
                id,
                uid,
                organization,
                organization_uid,
                email: row.parse(6, "an e-mail address")?,
                full_name: row.text(8)?,
                issuer: row.text(9)?,
                subject: row.text(10)?,
                has_password: row.bool(11)?,
                created_at,
                updated_at: row.time(12)?,
            }),
            PrincipalKind::Group => Self::Group(Group {
                id,
                uid,
                organization,
                organization_uid,
                slug: row.text(6)?,
                display_name: row.text(13)?,
                description: row.text(14)?,
                external_name: row.opt_text(15)?,
                member_count: row.int(17)?,
                created_at,
                updated_at: row.time(16)?,
            }),
        })
    }
}
