use super::*;

fn form(text: &str) -> Form {
    Form::parse(&text.to_owned().into()).ok().unwrap()
}

const EXCHANGE: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";

#[test]
fn a_request_has_each_parameter_in_its_place() {
    let form = form(&format!(
        "{EXCHANGE}&subject_token=s&subject_token_type=urn:ietf:params:oauth:token-type:jwt&actor_token=a\
         &actor_token_type=urn:remint:params:oauth:token-type:api-key&scope=write+read&resource=r&audience=a&audience=b"
    ));
    let request = TokenRequest::parse(&form).ok().unwrap();
    assert_eq!(request.grant_type, GrantType::TokenExchange);
    assert_eq!(request.targets, ["a", "b", "r"]);
    assert_eq!(request.scope.unwrap().unwrap(), "read write".parse().unwrap());
    let Ok(GrantRequest::Exchange(ExchangeRequest { subject, actor, requested })) = request.grant else { panic!() };
    assert_eq!((subject.kind, subject.text), (TokenType::Jwt, "s"));
    assert_eq!(actor.map(|actor| (actor.kind, actor.text)), Some((TokenType::ApiKey, "a")));
    assert!(matches!(requested, RequestedToken::AccessToken(remint_token::urn::ACCESS_TOKEN)));
}

#[test]
fn what_is_wrong_with_one_part_is_kept_for_its_turn() {
    let form = form(&format!("{EXCHANGE}&scope=a++b&audience=x"));
    let request = TokenRequest::parse(&form).ok().unwrap();
    assert!(matches!(request.scope, Err(OAuthError::Refused(Code::InvalidScope, _))));
    assert!(matches!(request.grant, Err(OAuthError::Refused(Code::InvalidRequest, _))));
    assert_eq!(request.targets, ["x"]);
}

#[test]
fn an_empty_parameter_is_absent() {
    let form = form("grant_type=client_credentials&scope=&audience=&resource=");
    let request = TokenRequest::parse(&form).ok().unwrap();
    assert!(matches!((request.scope, request.grant), (Ok(None), Ok(GrantRequest::ClientCredentials))));
    assert!(request.targets.is_empty());
}
