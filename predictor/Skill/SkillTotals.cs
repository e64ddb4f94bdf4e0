using Pipeline.Schemas;

namespace Pipeline.Predictor.Skill;

/// <summary>Sums over all horizons and ages; of the simple signals those of the better one.</summary>
public readonly record struct SkillTotals(double Cases, double Busy, double Pinball, double PinballSimple, double Brier, double BrierSimple)
{
    public static SkillTotals Of(ModelSkill skill)
    {
        (double last, double mean, double brierLast, double brierMean) = (0, 0, 0, 0);
        SkillTotals total = default;
        foreach (SkillCell c in skill.Cells)
        {
            total = total with { Cases = total.Cases + c.Cases, Busy = total.Busy + c.Busy, Pinball = total.Pinball + c.Pinball, Brier = total.Brier + c.Brier };
            (last, mean, brierLast, brierMean) = (last + c.PinballLast, mean + c.PinballMean1H, brierLast + c.BrierLast, brierMean + c.BrierMean1H);
        }
        return total with { PinballSimple = Math.Min(last, mean), BrierSimple = Math.Min(brierLast, brierMean) };
    }
}
