#[test]
fn adds() {
    assert_eq!(abacus::add(2, 3), 5);
}
