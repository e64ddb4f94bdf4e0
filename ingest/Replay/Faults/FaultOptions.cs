using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Ingest.Replay.Faults;

/// <summary>The options that say what happens to reports on their way.</summary>
internal sealed class FaultOptions
{
    private readonly Option<double> drop = Chance("--drop", "Chance of a report that it is lost");
    private readonly Option<double> delay = Chance("--delay", "Chance of a report that it is held up, by up to --delay-max");
    private readonly Option<TimeSpan> delayMax = CommonOptions.Duration("--delay-max", "Longest delay of a report, or of its repetition", new ReplayFaults().DelayMax);
    private readonly Option<double> duplicate = Chance("--duplicate", "Chance of a report that it comes twice");
    private readonly Option<double> reorder = Chance("--reorder", "Chance of a report that it comes behind the next one or two of its VM");
    private readonly Option<double> skew = Chance("--skew", "Share of the VMs whose clock is wrong, by up to --skew-max either way");
    private readonly Option<TimeSpan> skewMax = CommonOptions.Duration("--skew-max", "Most that a wrong clock differs by", new ReplayFaults().SkewMax);
    private readonly Option<double> silence = Chance("--silence", "Chance of a report that its VM is off from then on, for up to --silence-max: it makes no reports meanwhile");
    private readonly Option<TimeSpan> silenceMax = CommonOptions.Duration("--silence-max", "Longest time that a VM is off", new ReplayFaults().SilenceMax);
    private readonly Option<double> gap = Chance("--gap", "Chance of a report that its VM is cut off from then on, for up to --gap-max: what it makes meanwhile is lost");
    private readonly Option<TimeSpan> gapMax = CommonOptions.Duration("--gap-max", "Longest time that a VM is cut off", new ReplayFaults().GapMax);
    private readonly Option<double> restart = Chance("--agent-restart", "Chance of a report that its agent was started anew before, and numbers from 1");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[drop, delay, delayMax, duplicate, reorder, skew, skewMax, silence, silenceMax, gap, gapMax, restart]) command.Add(option);
    }

    public ReplayFaults Of(ParseResult parsed, int seed) => new()
    {
        Seed = seed,
        Drop = parsed.GetValue(drop),
        Delay = parsed.GetValue(delay),
        DelayMax = parsed.GetValue(delayMax),
        Duplicate = parsed.GetValue(duplicate),
        Reorder = parsed.GetValue(reorder),
        Skew = parsed.GetValue(skew),
        SkewMax = parsed.GetValue(skewMax),
        Silence = parsed.GetValue(silence),
        SilenceMax = parsed.GetValue(silenceMax),
        Gap = parsed.GetValue(gap),
        GapMax = parsed.GetValue(gapMax),
        Restart = parsed.GetValue(restart),
    };

    private static Option<double> Chance(string name, string description) => CommonOptions.Double(name, description, 0, 0, 1);
}
