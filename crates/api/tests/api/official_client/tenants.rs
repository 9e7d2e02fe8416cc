//! Cases 84 to 86 and 88: keys that see one tenant, and users in bulk.

use docket_testkit::on_both_engines;
use fusionauth_rust_client::apis::configuration::{ApiKey as Credential, Configuration};
use fusionauth_rust_client::apis::default_api as client;
use fusionauth_rust_client::models::{
    ApiKey, ApiKeyRequest, Tenant, TenantRequest, UserDeleteRequest,
};
use uuid::Uuid;

use super::{World, acting, status};

/// The tenant of the users, and another one.
async fn tenants(world: &World) -> (Uuid, Uuid) {
    let found = client::retrieve_user_with_id(&world.api, &world.user.to_string(), None).await;
    let tenant = Tenant { name: Some("Other".to_owned()), ..Tenant::new() };
    let request = TenantRequest { tenant: Some(Box::new(tenant)), ..TenantRequest::new() };
    let made = client::create_tenant(&world.api, None, Some(request)).await.unwrap();
    (found.unwrap().user.unwrap().tenant_id.unwrap(), made.tenant.unwrap().id.unwrap())
}

/// A caller with a key of this tenant.
async fn caller_of(world: &World, tenant: Uuid) -> Configuration {
    let key = ApiKey { tenant_id: Some(tenant), ..ApiKey::new() };
    let request = ApiKeyRequest { api_key: Some(Box::new(key)), ..ApiKeyRequest::new() };
    let made = client::create_api_key(&world.api, Some(request)).await.unwrap();
    let key = made.api_key.unwrap().key.unwrap();
    Configuration { api_key: Some(Credential { prefix: None, key }), ..world.api.clone() }
}

on_both_engines! {
    async fn case_084_and_085_a_key_of_a_tenant_sees_that_tenant(server: Server) {
        let world = World::new(server).await;
        let (own, other) = tenants(&world).await;
        let insider = caller_of(&world, own).await;
        let taken = acting(world.for_an_hour(world.mute));
        let taken = client::action_user_with_id(&insider, taken).await.unwrap().action.unwrap();
        let id = taken.id.unwrap().to_string();
        assert_eq!(client::retrieve_action_with_id(&insider, &id).await.unwrap().action, Some(taken));
        let outsider = caller_of(&world, other).await;
        assert_eq!(status(client::retrieve_action_with_id(&outsider, &id).await), 404);
    }

    async fn case_086_what_all_tenants_share_is_not_for_the_key_of_one(server: Server) {
        let world = World::new(server).await;
        let (own, _) = tenants(&world).await;
        let insider = caller_of(&world, own).await;
        assert_eq!(status(client::retrieve_user_action(&insider, None, None).await), 401);
        assert_eq!(status(client::retrieve_user_action_reason(&insider).await), 401);
    }

    async fn case_088_users_in_bulk_may_be_tried_first(server: Server) {
        let world = World::new(server).await;
        let request = UserDeleteRequest {
            user_ids: Some(vec![world.user, world.moderator]),
            dry_run: Some(true),
            ..UserDeleteRequest::new()
        };
        let tried = client::delete_user_bulk(&world.api, None, None, None, Some(request)).await;
        let tried = tried.unwrap();
        assert_eq!((tried.dry_run, tried.total), (Some(true), Some(2)));
        assert_eq!(tried.user_ids.unwrap().len(), 2);
        for id in [world.user, world.moderator] {
            let found = client::retrieve_user_with_id(&world.api, &id.to_string(), None).await;
            assert_eq!(found.unwrap().user.unwrap().active, Some(true));
        }
    }
}
