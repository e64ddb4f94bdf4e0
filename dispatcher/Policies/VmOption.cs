using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>A VM that a call could go to, and what is to be expected of it.</summary>
public readonly record struct VmOption
{
    /// <summary>Row of the VM.</summary>
    public required int Vm { get; init; }

    /// <summary>What the policy goes by: the lowest wins.</summary>
    public required double Score { get; init; }

    /// <summary>Expected completion time with the risk of a busy VM in it, seconds.</summary>
    public required double CostS { get; init; }

    /// <summary>Time that is held against the call's deadline, seconds; see <see cref="PolicyOptions.DeadlineMisses"/>.</summary>
    public required double DueS { get; init; }

    /// <summary>Part of the cost: cold starts of others whose idle containers give way, weighted, seconds.</summary>
    public double WarmLossS { get; init; }

    /// <summary>Calls per core, unclamped: decides between equal scores.</summary>
    public required double Ratio { get; init; }

    /// <summary>Random; decides at last. Of the call and the VM's name, so that the order of looking at VMs does not matter.</summary>
    public required ulong Tie { get; init; }

    public required bool Warm { get; init; }

    public required int InFlight { get; init; }

    /// <summary>Expected free share of the VM's cores, 0..1.</summary>
    public required float FreeShare { get; init; }

    public required SignalRung Rung { get; init; }

    /// <summary>Better than the other?</summary>
    public bool Beats(in VmOption other)
    {
        if (Score != other.Score) return Score < other.Score;
        if (Ratio != other.Ratio) return Ratio < other.Ratio;
        return Tie < other.Tie;
    }
}
