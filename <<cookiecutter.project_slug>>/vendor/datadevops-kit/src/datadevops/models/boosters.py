"""LightGBM and XGBoost beside scikit-learn: their own converters to ONNX.

In:       an estimator, or a pipeline that contains one of these packages.
Out:      the operator sets to convert it with; None for scikit-learn alone.
Failure:  ContractError ML003 if the extra is not installed that brings the converters.
"""

from typing import Any

from ..errors import ContractError

PACKAGES = ("lightgbm", "xgboost")
OPSETS = {"": 15, "ai.onnx.ml": 3}  # the newest that onnxmltools 1.16 writes


def prepare(parts: list[Any]) -> dict[str, int] | None:
    """Make the converter know the packages of these estimators; `parts`: an estimator and its steps."""
    packages = {type(part).__module__.partition(".")[0] for part in parts} & {*PACKAGES}
    for package in sorted(packages):
        try:
            _register(package)
        except ImportError as error:
            hint = f"add the extra {package!r} of datadevops-kit to the group `train` in pyproject.toml"
            text = f"model.py: {package} cannot be converted to ONNX: {error}"
            raise ContractError("ML003", text, hint) from None
    return OPSETS if packages else None


def _register(package: str) -> None:
    from skl2onnx import update_registered_converter
    from skl2onnx.common import shape_calculator

    classes = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    of_classes = shape_calculator.calculate_linear_classifier_output_shapes
    of_numbers = shape_calculator.calculate_linear_regressor_output_shapes
    if package == "lightgbm":
        from lightgbm import LGBMClassifier, LGBMRegressor
        from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm as convert

        names: list[tuple[Any, str]] = [(LGBMClassifier, "LightGbmLGBM"), (LGBMRegressor, "LightGbmLGBM")]
        numbers: dict[str, Any] = {"split": None}
    else:
        from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost as convert
        from xgboost import XGBClassifier, XGBRegressor

        names, numbers = [(XGBClassifier, "XGBoostXGB"), (XGBRegressor, "XGBoostXGB")], {}
    (classifier, prefix), (regressor, _) = names
    update_registered_converter(classifier, f"{prefix}Classifier", of_classes, convert, options=classes)
    update_registered_converter(regressor, f"{prefix}Regressor", of_numbers, convert, options=numbers)
