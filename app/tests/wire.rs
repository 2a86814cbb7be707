//! What crosses between server and page, byte for byte.
use drydock_app::ApiError;
use drydock_app::error::ErrorCode;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

#[test]
fn an_error_is_a_code_and_a_sentence() {
    let error = ApiError::new(ErrorCode::NotFound, "Run ca1 was not found");
    assert_eq!(
        serde_json::to_string(&error).unwrap(),
        r#"{"code":"not_found","message":"Run ca1 was not found"}"#
    );
}

#[test]
fn an_error_survives_the_way_to_the_page() {
    let error = ApiError {
        field: Some("schedule".to_owned()),
        request_id: Some("r1".to_owned()),
        ..ApiError::new(ErrorCode::Invalid, "schedule: 31 is more than 30 days")
    };
    assert_eq!(ApiError::de(error.ser()), error);
}

#[test]
fn a_server_that_does_not_answer_is_offline_and_not_internal() {
    let error = ApiError::from_server_fn_error(ServerFnErrorErr::Request("refused".to_owned()));
    assert_eq!(error.code, ErrorCode::Offline);
    assert!(!error.message.contains("refused"), "{}", error.message);
}

#[test]
fn every_code_has_its_word() {
    let check = |code, word: &str| {
        assert_eq!(
            serde_json::to_value(code).unwrap(),
            serde_json::Value::from(word)
        );
    };
    check(ErrorCode::SignedOut, "signed_out");
    check(ErrorCode::Forbidden, "forbidden");
    check(ErrorCode::NotFound, "not_found");
    check(ErrorCode::Conflict, "conflict");
    check(ErrorCode::Invalid, "invalid");
    check(ErrorCode::Throttled, "throttled");
    check(ErrorCode::Unavailable, "unavailable");
    check(ErrorCode::Internal, "internal");
    check(ErrorCode::Offline, "offline");
}
