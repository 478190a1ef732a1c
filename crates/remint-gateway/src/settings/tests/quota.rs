use super::*;

#[test]
fn every_setting_of_a_limit_reaches_it_and_variables_win() {
    let text = "[[quota.limits]]\nname = 'user'\nquota = 60\n[plans.team]\nlimits = [{ name = 'all', quota = 5, \
                window = '1h', burst = 2, per = 'tenant', class = 'write' }]\n";
    let variables = [
        ("REMINT__QUOTA__LIMITS__0__WINDOW", "1s"),
        ("REMINT__QUOTA__LIMITS__1__NAME", "key"),
        ("REMINT__QUOTA__LIMITS__1__QUOTA", "7"),
        ("REMINT__QUOTA__LIMITS__1__PER", "key"),
    ];
    let user = Limit::new("user", 60, Duration::from_secs(1)).unwrap();
    let key = Limit::new("key", 7, Duration::from_secs(60)).unwrap().per(Per::Key);
    let all = Limit::new("all", 5, Duration::from_secs(3600)).unwrap().with_burst(2).unwrap();
    let team = Plan::new([all.per(Per::Tenant).with_class("write")]).unwrap();
    let expected = Plans::new(Plan::new([user, key]).unwrap()).with_plan("team".parse().unwrap(), team);
    let settings = settings(text, &variables);
    assert_eq!(format!("{:?}", settings.quota), format!("{:?}", Some(expected)));

    let told = problems("", &[("REMINT__PLANS__TEAM__LIMITS__0__QOUTA", "1")]);
    let meant =
        "REMINT__PLANS__TEAM__LIMITS__0__QOUTA: no such setting; did you mean REMINT__PLANS__TEAM__LIMITS__0__QUOTA?";
    assert!(told.contains(meant), "{told}");
}

#[test]
fn nobody_is_limited_unless_that_is_asked_for() {
    for text in ["", "[quota]\n", "[plans.team]\n", "[quota]\nlimits = []\n[plans.team]\nlimits = []\n"] {
        assert!(settings(text, &[]).quota.is_none(), "{text}");
    }
}

#[test]
fn a_plan_has_at_most_eight_limits() {
    let limit = |number| format!("[[quota.limits]]\nname = 'l{number}'\nquota = 5\n");
    let nine: String = (0..9).map(limit).collect();
    let told = problems(&nine, &[]);
    assert!(told.ends_with("gateway.toml:26: `limits`: a plan has at most 8 limits"), "{told}");
}
