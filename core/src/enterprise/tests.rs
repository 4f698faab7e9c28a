use super::*;

#[test]
fn yst_014_a_wrong_check_character_is_refused_before_anything_is_sent() {
    let error = parse_uscc("91440101MA5CKXXX0A").unwrap_err();
    assert_eq!(error.code, ErrorCode::InputInvalid);
    assert_eq!(error.field.as_deref(), Some("uscc"));
}

#[test]
fn yst_015_a_registration_number_leads_to_the_service_hall() {
    let number = (0..10)
        .map(|check| format!("44010600000001{check}"))
        .find(|number| RegistrationNumber::parse(number).is_ok())
        .unwrap();
    assert_eq!(
        parse_uscc(&number).unwrap_err().code,
        ErrorCode::EnterpriseNoUscc
    );
}

#[test]
fn yst_024_a_search_needs_two_characters() {
    for (bad, reason) in [("", "empty"), (" 木 ", "too_short"), ("a\u{7}b", "format")] {
        let error = parse_query(bad).unwrap_err();
        assert_eq!(error.reason.as_deref(), Some(reason), "{bad:?}");
    }
    assert_eq!(parse_query(" 木棉 ").unwrap(), "木棉");
}
