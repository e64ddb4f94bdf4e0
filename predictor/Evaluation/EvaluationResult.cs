using System.Text.Json.Serialization;

namespace Pipeline.Predictor.Evaluation;

/// <summary>How one method did at one horizon and one age of the VMs' own reports.</summary>
public sealed record EvaluationResult
{
    public required string Method { get; init; }

    /// <summary>Length of the horizon in steps.</summary>
    public required int HorizonSteps { get; init; }

    /// <summary>So many of a VM's own newest steps were withheld.</summary>
    public required int StaleSteps { get; init; }

    /// <summary>Onset cases: not busy now. The measures of probabilities are over them.</summary>
    public required int Cases { get; init; }

    /// <summary>All cases. Pinball and coverage are over them.</summary>
    public required int QuantileCases { get; init; }

    /// <summary>Share of the onset cases that became busy within the horizon.</summary>
    public required double BaseRate { get; init; }

    public required double Auroc { get; init; }

    public required double AveragePrecision { get; init; }

    public required double BrierSkill { get; init; }

    public required double LogLoss { get; init; }

    /// <summary>Expected calibration error.</summary>
    public required double Ece { get; init; }

    /// <summary>Mean pinball loss by level, in hundredths of a VM's cores.</summary>
    public required IReadOnlyDictionary<string, double> Pinball { get; init; }

    /// <summary>Share of peaks at or below the quantile, by level.</summary>
    public required IReadOnlyDictionary<string, double> Coverage { get; init; }

    /// <summary>Mean of <see cref="Pinball"/> over the levels.</summary>
    [JsonIgnore]
    public double MeanPinball => Pinball.Values.Average();
}
