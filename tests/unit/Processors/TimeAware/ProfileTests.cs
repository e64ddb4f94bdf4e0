using CsCheck;
using Pipeline.Infra.Randomness;
using Pipeline.Processors.TimeAware;

namespace Pipeline.Tests.Unit.Processors.TimeAware;

public sealed class ProfileTests
{
    private static readonly SlotClock Clock = new();

    private static readonly long Start = Clock.SlotOf(SlotClockTests.Monday);

    [Fact]
    public void Working_hours_and_weekends_are_learnt()
    {
        Profile profile = Learn(weeks: 4, noise: .02);
        Assert.InRange(profile.OfWeek(10).Mean, .5, .65);
        Assert.InRange(profile.OfWeek(3).Mean, .05, .15);
        Assert.InRange(profile.OfWeek((5 * 24) + 10).Mean, .05, .3);
        Assert.InRange(profile.OfWeek(10).Deviation, .01, .3);
    }

    [Fact]
    public void A_day_that_was_never_seen_is_like_the_working_days_that_were()
    {
        Profile profile = new(Clock, ProfileOptions.Default);
        for (int h = 0; h < 72; h++) profile.Observe(Start + h, Usual(h));
        Assert.InRange(profile.OfWeek((3 * 24) + 10).Mean, .35, .65);
        Assert.True(profile.OfWeek((3 * 24) + 10).Mean > profile.OfWeek((3 * 24) + 3).Mean + .2);
        Assert.Equal(0, profile.OfWeek((3 * 24) + 10).Samples);
    }

    [Fact]
    public void What_is_old_counts_less()
    {
        Profile profile = new(Clock, ProfileOptions.Default);
        int week = Clock.SlotsPerWeek;
        for (int h = 0; h < 8 * week; h++) profile.Observe(Start + h, h < 4 * week ? .2 : .6);
        Assert.InRange(profile.OfWeek(50).Mean, .5, .6);
        // Weekly observations that halve in ten days: 1 / (1 - 2^-.7).
        Assert.InRange(profile.OfWeek(50).Samples, 1.5, 2.7);
    }

    [Fact]
    public void Quantiles_rise_and_hold_as_often_as_they_say()
    {
        Profile profile = Learn(weeks: 6, noise: .1);
        SplitMix random = new(5);
        int below = 0;
        for (int h = 0; h < 1000; h++)
        {
            long slot = Start + (7L * 24 * 6) + h;
            Assert.True(profile.Quantile(slot, .1) <= profile.Quantile(slot, .5) && profile.Quantile(slot, .5) <= profile.Quantile(slot, .9));
            if (Math.Clamp(Usual(h) + (.1 * (random.NextDouble() - .5) * 2), 0, 1) <= profile.Quantile(slot, .9)) below++;
        }
        Assert.InRange(below, 850, 960);
    }

    [Fact]
    public void Years_of_observations_stay_finite() =>
        Gen.Double[0, 1].Array[20, 60].Sample(
            values =>
            {
                Profile profile = new(Clock, new ProfileOptions { HalfLifeDays = 1 });
                for (int i = 0; i < values.Length; i++) profile.Observe(Start + (i * 500L), values[i]);
                ProfileValue at = profile.At(Start);
                return double.IsFinite(at.Mean) && at.Mean is >= -1e-6 and <= 1.000001 && double.IsFinite(at.Deviation) && at.Samples >= 0 && double.IsFinite(profile.Quantile(Start, .99));
            },
            iter: 200, seed: "8qp0Nu9xArY3");

    [Fact]
    public void A_group_begins_as_the_mean_of_its_members()
    {
        Profile quiet = new(Clock, ProfileOptions.Default), busy = new(Clock, ProfileOptions.Default), group = new(Clock, ProfileOptions.Default);
        for (int h = 0; h < 400; h++)
        {
            quiet.Observe(Start + h, .1);
            busy.Observe(Start + 100 + h, .7);
        }
        group.Inherit([(quiet, 3), (busy, 1), (new Profile(Clock, ProfileOptions.Default), 9)]);
        Assert.InRange(group.OfWeek(40).Mean, .2, .3);
    }

    private static double Usual(int hour) => hour % 168 < 120 && hour % 24 is >= 8 and < 18 ? .6 : .1;

    private static Profile Learn(int weeks, double noise)
    {
        Profile profile = new(Clock, ProfileOptions.Default);
        SplitMix random = new(3);
        for (int h = 0; h < weeks * 168; h++) profile.Observe(Start + h, Math.Clamp(Usual(h) + (noise * (random.NextDouble() - .5) * 2), 0, 1));
        return profile;
    }
}
