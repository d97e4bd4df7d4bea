//! Groups of people, and who is in them.

use jiff::Timestamp;
use waybill_model::{
    email::Email,
    group::GroupSlug,
    ids::{OrganizationId, PrincipalId, Uid},
    principal::PrincipalKind,
};

use crate::{
    error::Result,
    identity::NewPrincipal,
    page::{Key, Page, Slice},
    row::Row,
    tx::{Both, Tx},
    value::id_list,
};

/// Several people under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: PrincipalId,
    pub uid: String,
    pub organization: OrganizationId,
    pub organization_uid: String,
    /// The last part of the resource's name.
    pub slug: String,
    pub display_name: String,
    pub description: String,
    /// The login provider's group whose members are this group's members.
    pub external_name: Option<String>,
    pub member_count: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A group to be made, without members.
#[derive(Clone, Debug)]
pub struct NewGroup {
    pub uid: Uid,
    pub organization: OrganizationId,
    pub slug: GroupSlug,
    pub display_name: String,
    pub description: String,
}

/// A person in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: PrincipalId,
    pub uid: String,
    pub email: Email,
    pub full_name: String,
    /// The row of the membership, by which members are in order.
    row: i64,
}

macro_rules! group {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.uid, p.organization_id, o.uid, p.name, g.display_name, g.description, g.external_name,
                    (SELECT COUNT(*) FROM group_members m WHERE m.group_id = p.id), p.created_at, g.updated_at
               FROM principals p
               JOIN user_groups g ON g.principal_id = p.id
               JOIN organizations o ON o.id = p.organization_id ",
            $rest
        )
    };
}

const GROUP: &str = group!("WHERE p.uid = $1");
const NAMED: &str = group!(
    "WHERE p.organization_id = $1 AND COALESCE(p.project_id, 0) = 0 AND p.kind = 'group' AND p.name = $2"
);
/// By the last part of the resource's name.
const LIST: &str = group!(
    "WHERE p.organization_id = $1 AND COALESCE(p.project_id, 0) = 0 AND p.kind = 'group' AND p.name > $2
     ORDER BY p.name LIMIT $3"
);
const INSERT: &str = "
    INSERT INTO user_groups (principal_id, display_name, description, policy_version, updated_at)
    VALUES ($1, $2, $3, 0, $4)";
const UPDATE: &str = "
    UPDATE user_groups SET display_name = $2, description = $3, external_name = $4, updated_at = $5
     WHERE principal_id = $1";
const TOUCH: &str = "UPDATE user_groups SET updated_at = $2 WHERE principal_id = $1";

macro_rules! members {
    ($key:literal, $order:literal) => {
        concat!(
            "SELECT p.id, p.uid, p.name, u.full_name, m.id
               FROM group_members m
               JOIN principals p ON p.id = m.member_id
               JOIN users u ON u.principal_id = p.id
              WHERE m.group_id = $1 AND m.id ",
            $key,
            " $2 ORDER BY m.id ",
            $order,
            " LIMIT $3"
        )
    };
}

/// In the order in which the people were added.
const MEMBERS_AFTER: &str = members!(">", "ASC");
const MEMBERS_BEFORE: &str = members!("<", "DESC");

// A set of people is one JSON array: SQLite has no arrays, PostgreSQL no `json_each`.
const ADD: Both = Both {
    sqlite: "
        INSERT INTO group_members (group_id, member_id, created_at)
        SELECT $1, j.value, $3 FROM json_each($2) j WHERE TRUE
         ORDER BY j.key
            ON CONFLICT DO NOTHING",
    postgres: "
        INSERT INTO group_members (group_id, member_id, created_at)
        SELECT $1, CAST(j.value AS BIGINT), $3
          FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) WITH ORDINALITY j (value, place)
         ORDER BY j.place
            ON CONFLICT DO NOTHING",
};
const REMOVE: Both = Both {
    sqlite: "
        DELETE FROM group_members
         WHERE group_id = $1 AND member_id IN (SELECT j.value FROM json_each($2) j)",
    postgres: "
        DELETE FROM group_members
         WHERE group_id = $1
           AND member_id IN (SELECT CAST(j.value AS BIGINT)
                               FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) j (value))",
};

impl Tx<'_> {
    pub fn group(&mut self, uid: &str) -> Result<Option<Group>> {
        self.one(GROUP, &[uid.into()], Group::from_row)
    }

    pub fn group_named(&mut self, organization: OrganizationId, slug: &GroupSlug) -> Result<Option<Group>> {
        self.one(NAMED, &[organization.into(), slug.as_str().into()], Group::from_row)
    }

    /// Groups by the last part of their resource's name, after that one.
    pub fn groups(&mut self, organization: OrganizationId, after: &str, limit: u32) -> Result<Vec<Group>> {
        self.many(LIST, &[organization.into(), after.into(), limit.into()], Group::from_row)
    }

    pub fn insert_group(&mut self, new: &NewGroup, now: Timestamp) -> Result<PrincipalId> {
        let principal = NewPrincipal {
            uid: new.uid.clone(),
            kind: PrincipalKind::Group,
            organization: new.organization,
            project: None,
            name: new.slug.to_string(),
        };
        let id = self.insert_principal(&principal, now)?;
        let params = vec![id.into(), (&new.display_name).into(), (&new.description).into(), now.into()];
        self.send(INSERT, params)?;
        Ok(id)
    }

    /// Stores display name, description and external name as they are in `group`.
    pub fn update_group(&mut self, group: &Group, now: Timestamp) -> Result<()> {
        let params = vec![
            group.id.into(),
            (&group.display_name).into(),
            (&group.description).into(),
            group.external_name.as_deref().into(),
            now.into(),
        ];
        self.send(UPDATE, params)
    }

    pub fn group_members(&mut self, group: PrincipalId, slice: &Slice) -> Result<Page<Member>> {
        let (sql, edge) =
            if slice.backwards { (MEMBERS_BEFORE, i64::MAX) } else { (MEMBERS_AFTER, i64::MIN) };
        let from = match slice.from {
            Some(Key::Int(_, row) | Key::Text(_, row)) => row,
            None => edge,
        };
        let rows = self.many(sql, &[group.into(), from.into(), slice.rows().into()], |row| {
            Ok(Member {
                id: PrincipalId(row.int(0)?),
                uid: row.text(1)?,
                email: row.parse(2, "an e-mail address")?,
                full_name: row.text(3)?,
                row: row.int(4)?,
            })
        })?;
        Ok(slice.cut(rows, |member| Key::Int(0, member.row)))
    }

    /// Adds people who may be members already, and tells how many were not.
    pub fn add_members(&mut self, group: PrincipalId, people: &[PrincipalId], now: Timestamp) -> Result<u64> {
        if people.is_empty() {
            return Ok(0);
        }
        let people = id_list(people.iter().map(|person| person.0));
        let added = self.execute(ADD, &[group.into(), people, now.into()])?;
        self.touch_group(group, added, now)
    }

    /// Removes people who may be no members, and tells how many were.
    pub fn remove_members(
        &mut self,
        group: PrincipalId,
        people: &[PrincipalId],
        now: Timestamp,
    ) -> Result<u64> {
        if people.is_empty() {
            return Ok(0);
        }
        let people = id_list(people.iter().map(|person| person.0));
        let removed = self.execute(REMOVE, &[group.into(), people])?;
        self.touch_group(group, removed, now)
    }

    fn touch_group(&mut self, group: PrincipalId, changed: u64, now: Timestamp) -> Result<u64> {
        if 0 < changed {
            self.send(TOUCH, vec![group.into(), now.into()])?;
        }
        Ok(changed)
    }
}

impl Group {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: PrincipalId(row.int(0)?),
            uid: row.text(1)?,
            organization: OrganizationId(row.int(2)?),
            organization_uid: row.text(3)?,
            slug: row.text(4)?,
            display_name: row.text(5)?,
            description: row.text(6)?,
            external_name: row.opt_text(7)?,
            member_count: row.int(8)?,
            created_at: row.time(9)?,
            updated_at: row.time(10)?,
        })
    }
}
