using System.Globalization;

namespace Pipeline.Tests.Faults;

/// <summary>The books of one fault, closed.</summary>
internal sealed record FaultResult
{
    public required string Fault { get; init; }

    public required double Seconds { get; init; }

    public required int Injected { get; init; }

    public required long Reports { get; init; }

    public required long Steps { get; init; }

    public required long Snapshots { get; init; }

    public required long Predictions { get; init; }

    public required long Dispatched { get; init; }

    public required long Rejected { get; init; }

    /// <summary>What should be there and is not: acknowledged sources, outputs, answers, completions, points.</summary>
    public required long Lost { get; init; }

    /// <summary>What stands in a topic twice.</summary>
    public required long Duplicated { get; init; }

    /// <summary>Dead letters: nothing that is sent here deserves one.</summary>
    public required long Dead { get; init; }

    /// <summary>Outputs with other bytes or in another order than the oracle's, or that nobody asked for.</summary>
    public required long Differing { get; init; }

    /// <summary>What else went wrong, in words.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    public bool Passed => Lost + Duplicated + Dead + Differing == 0 && Failures.Count == 0 && Injected > 0 && Steps > 0 && Predictions > 0 && Dispatched > 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"fault={Fault} seconds={Seconds:0} injected={Injected} reports={Reports} steps={Steps} snapshots={Snapshots} predictions={Predictions} dispatched={Dispatched} rejected={Rejected} lost={Lost} duplicated={Duplicated} dead={Dead} differing={Differing} {(Passed ? "PASS" : "FAIL")}");
}
