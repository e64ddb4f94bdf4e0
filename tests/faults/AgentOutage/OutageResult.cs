using System.Globalization;

namespace Pipeline.Tests.Faults.AgentOutage;

/// <summary>What became of all reports, of all agents together.</summary>
internal sealed record OutageResult
{
    public required double Seconds { get; init; }

    public required double Outage { get; init; }

    public required int Agents { get; init; }

    /// <summary>Kills of agents.</summary>
    public required int Killed { get; init; }

    /// <summary>The sum of the highest sequence numbers: each report has a number of its own.</summary>
    public required long Made { get; init; }

    /// <summary>Numbers that are in the topic.</summary>
    public required long Arrived { get; init; }

    /// <summary>Numbers that the agents say they gave up.</summary>
    public required long GivenUp { get; init; }

    /// <summary>The most that a report said waits.</summary>
    public required long Waited { get; init; }

    /// <summary>From the broker's return to the last report that waited, with a kill between.</summary>
    public required double BackAfter { get; init; }

    /// <summary>Time that reports tell of, of the time that agents ran: a number that was used for two reports would be missing here.</summary>
    public required double Covered { get; init; }

    /// <summary>Numbers that are not in the topic and that no agent says it gave up.</summary>
    public required long Lost { get; init; }

    /// <summary>Numbers that an agent gave up and that are there all the same: it was killed, or the broker, before it heard so.</summary>
    public required long GivenUpAndArrived { get; init; }

    /// <summary>Records of a number beyond the first, byte for byte the same.</summary>
    public required long Repeated { get; init; }

    /// <summary>Records of a number that are not the same.</summary>
    public required long Differing { get; init; }

    /// <summary>What else went wrong, in words.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    public bool Passed => Lost + Differing == 0 && Failures.Count == 0 && Arrived > 0 && Waited > 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"fault=agent-outage seconds={Seconds:0} outage={Outage:0} agents={Agents} killed={Killed} made={Made} arrived={Arrived} given_up={GivenUp} given_up_and_arrived={GivenUpAndArrived} waited={Waited} back_after={BackAfter:0} covered={Covered:0.000} repeated={Repeated} lost={Lost} differing={Differing} {(Passed ? "PASS" : "FAIL")}");
}
