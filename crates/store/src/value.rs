//! What goes into a statement: one closed list of kinds that both engines can hold.
//!
//! Invariant: a value looks the same on either engine when it comes out again. Ids are `uuid` and
//! 16-byte blobs, instants `bigint` milliseconds and integers, JSON text on both.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use bytes::{BufMut, BytesMut};
use docket_domain::json::Json;
use docket_domain::time::{Expiry, Instant};
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use tokio_postgres::types::{IsNull, Kind, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// One value of a statement. Made by `From`, mostly through [`params!`](crate::params).
#[derive(Clone, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// Yes or no; `SQLite` holds 1 or 0.
    Bool(bool),
    /// A number, or an instant in milliseconds.
    Int(i64),
    /// Text.
    Text(Cow<'a, str>),
    /// An id.
    Uuid(Uuid),
    /// Bytes as they are.
    Bytes(Cow<'a, [u8]>),
    /// A JSON document as text.
    Json(&'a str),
    /// Many ids, for `= ANY($1)` and `rarray($1)`.
    Uuids(Cow<'a, [Uuid]>),
    /// Many texts, for the same.
    Texts(Cow<'a, [String]>),
    /// The values that many statements have for one placeholder.
    Column(Vec<Value<'a>>),
}

/// The values of a statement, in the order of its placeholders.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Value::from($value)),*] };
}

/// The same, to be kept for later.
#[macro_export]
macro_rules! own_params {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}

/// Says the kind only: the drivers print values into their debugging logs, and some are secrets.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool(_)",
            Self::Int(_) => "Int(_)",
            Self::Text(_) => "Text(_)",
            Self::Uuid(_) => "Uuid(_)",
            Self::Bytes(_) => "Bytes(_)",
            Self::Json(_) => "Json(_)",
            Self::Uuids(_) => "Uuids(_)",
            Self::Texts(_) => "Texts(_)",
            Self::Column(_) => "Column(_)",
        })
    }
}

/// Makes values of what is passed by value, and of its absence. One by one, since a generic
/// implementation for options would send the compiler looking for options of options without end.
macro_rules! values {
    ($($from:ty => |$value:ident| $to:expr;)*) => {$(
        impl<'a> From<$from> for Value<'a> {
            fn from($value: $from) -> Self {
                $to
            }
        }

        impl<'a> From<Option<$from>> for Value<'a> {
            fn from(value: Option<$from>) -> Self {
                value.map_or(Self::Null, |$value| $to)
            }
        }
    )*};
}

/// The same for what is borrowed, and for a borrowed option of it.
macro_rules! borrowed_values {
    ($($from:ty => |$value:ident| $to:expr;)*) => {$(
        values! { &'a $from => |$value| $to; }

        impl<'a> From<&'a Option<$from>> for Value<'a> {
            fn from(value: &'a Option<$from>) -> Self {
                value.as_ref().map_or(Self::Null, |$value| $to)
            }
        }
    )*};
}

values! {
    bool => |value| Self::Bool(value);
    i64 => |value| Self::Int(value);
    i32 => |value| Self::Int(value.into());
    u32 => |value| Self::Int(value.into());
    &'a str => |value| Self::Text(value.into());
    String => |value| Self::Text(value.into());
    Cow<'a, str> => |value| Self::Text(value);
    Json => |value| Self::Text(value.into_text().into());
    Uuid => |value| Self::Uuid(value);
    &'a [u8] => |value| Self::Bytes(value.into());
    Instant => |value| Self::Int(value.millis());
    &'a [Uuid] => |value| Self::Uuids(value.into());
    Vec<Uuid> => |value| Self::Uuids(value.into());
    &'a [String] => |value| Self::Texts(value.into());
    Vec<String> => |value| Self::Texts(value.into());
}

borrowed_values! {
    bool => |value| Self::Bool(*value);
    i64 => |value| Self::Int(*value);
    i32 => |value| Self::Int((*value).into());
    u32 => |value| Self::Int((*value).into());
    String => |value| Self::Text(value.as_str().into());
    Box<str> => |value| Self::Text((&**value).into());
    Uuid => |value| Self::Uuid(*value);
    [u8; 32] => |value| Self::Bytes(value.as_slice().into());
    Vec<u8> => |value| Self::Bytes(value.into());
    Json => |value| Self::Json(value.as_str());
    Instant => |value| Self::Int(value.millis());
    Vec<Uuid> => |value| Self::Uuids(value.into());
    Vec<String> => |value| Self::Texts(value.into());
}

impl From<Expiry> for Value<'_> {
    fn from(end: Expiry) -> Self {
        end.instant().into()
    }
}

/// Makes values of the domain's ids, and columns that hold them.
macro_rules! values_for_ids {
    ($($id:ident),* $(,)?) => {$(
        values! { docket_domain::id::$id => |id| Self::Uuid(id.uuid()); }
        borrowed_values! { docket_domain::id::$id => |id| Self::Uuid(id.uuid()); }

        impl From<&[docket_domain::id::$id]> for Value<'_> {
            fn from(ids: &[docket_domain::id::$id]) -> Self {
                Self::Uuids(ids.iter().map(|id| id.uuid()).collect())
            }
        }

        impl From<&Vec<docket_domain::id::$id>> for Value<'_> {
            fn from(ids: &Vec<docket_domain::id::$id>) -> Self {
                ids.as_slice().into()
            }
        }

        impl $crate::row::Column for docket_domain::id::$id {
            fn from_cell(cell: $crate::row::Cell<'_>) -> Option<Self> {
                cell.uuid().map(Self::from_uuid)
            }
        }
    )*};
}

values_for_ids!(
    ActionId,
    ApiKeyId,
    ApplicationId,
    ApplicationRoleId,
    AttemptId,
    AuditId,
    CommentId,
    CustomerId,
    DefinitionId,
    EventId,
    GrantId,
    InvitationId,
    MailId,
    OrderId,
    PermissionRequestId,
    ProjectId,
    ProviderId,
    ReasonId,
    RegistrationId,
    ResourceId,
    RoleId,
    SigningKeyId,
    TemplateId,
    TenantId,
    TodoId,
    UserId,
    WebhookId,
    WebhookKeyId,
);

/// The value is of a kind that the placeholder's type cannot hold.
#[derive(Debug, thiserror::Error)]
#[error("a placeholder of type {placeholder} was given {given}")]
struct WrongKind {
    placeholder: String,
    given: String,
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        placeholder: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let wrong = || {
            Err(WrongKind { placeholder: placeholder.to_string(), given: format!("{self:?}") }
                .into())
        };
        match (self, placeholder) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Bool(value), &Type::BOOL) => value.to_sql(placeholder, out),
            (Self::Int(value), &Type::INT8) => value.to_sql(placeholder, out),
            (Self::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(placeholder, out),
            (Self::Int(value), &Type::INT2) => i16::try_from(*value)?.to_sql(placeholder, out),
            (Self::Text(value), &(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME)) => {
                value.as_ref().to_sql(placeholder, out)
            }
            (Self::Uuid(value), &Type::UUID) => value.to_sql(placeholder, out),
            (Self::Bytes(value), &Type::BYTEA) => value.as_ref().to_sql(placeholder, out),
            (Self::Json(value), &(Type::JSON | Type::JSONB | Type::TEXT)) => {
                Ok(put_json(value, placeholder, out))
            }
            // Text on its way into a JSON column is JSON that we wrote.
            (Self::Text(value), &(Type::JSON | Type::JSONB)) => {
                Ok(put_json(value, placeholder, out))
            }
            (Self::Uuids(values), &Type::UUID_ARRAY) => values.as_ref().to_sql(placeholder, out),
            (Self::Texts(values), &(Type::TEXT_ARRAY | Type::VARCHAR_ARRAY)) => {
                values.as_ref().to_sql(placeholder, out)
            }
            (Self::Column(values), array) if matches!(array.kind(), Kind::Array(_)) => {
                values.to_sql(placeholder, out)
            }
            _ => wrong(),
        }
    }

    /// Everything; `to_sql` looks closer, for there the value is known.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn put_json(json: &str, placeholder: &Type, out: &mut BytesMut) -> IsNull {
    if *placeholder == Type::JSONB {
        // The version of the wire format, of which there is one.
        out.put_u8(1);
    }
    out.put_slice(json.as_bytes());
    IsNull::No
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Bool(value) => ToSqlOutput::Borrowed(ValueRef::Integer((*value).into())),
            Self::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Json(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Uuid(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value.as_bytes())),
            Self::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
            Self::Uuids(values) => {
                array(values.iter().map(|id| Owned::Blob(id.as_bytes().to_vec())).collect())
            }
            Self::Texts(values) => array(values.iter().cloned().map(Owned::Text).collect()),
            // Here many statements are run one by one.
            Self::Column(_) => {
                let error = WrongKind { placeholder: "value".into(), given: "a column".into() };
                return Err(rusqlite::Error::ToSqlConversionFailure(error.into()));
            }
        })
    }
}

/// A list for `rarray`, under the type name its module looks for.
fn array(values: Vec<Owned>) -> ToSqlOutput<'static> {
    ToSqlOutput::from_rc(Rc::new(values), c"rarray")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_is_null_and_presence_is_the_value() {
        let name = Some("Ban".to_owned());
        assert_eq!(Value::from(&name), Value::Text("Ban".into()));
        assert_eq!(Value::from(None::<Uuid>), Value::Null);
        assert_eq!(Value::from(Expiry::Never), Value::Null);
        assert_eq!(Value::from(Expiry::At(Instant::from_millis(7))), Value::Int(7));
    }

    #[test]
    fn a_value_never_prints_itself() {
        assert_eq!(format!("{:?}", Value::from("secret")), "Text(_)");
    }
}
